// Branded identifiers: a number never stands for two things.

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/**
 * A relation (table, source, view, index) in the catalog; also its `oid` in pg_class, hence ≥ 16384 for user relations.
 */
export type RelationId = Branded<number, 'RelationId'>
/** One atomic step of all operators; 0 is "before anything", the first epoch is 1. */
export type Epoch = Branded<number, 'Epoch'>
/** A version of the catalog; grows by one with each committed DDL. */
export type CatalogVersion = Branded<number, 'CatalogVersion'>

export const relationId = (id: number): RelationId => id as RelationId
export const epoch = (number: number): Epoch => number as Epoch
export const catalogVersion = (version: number): CatalogVersion => version as CatalogVersion
