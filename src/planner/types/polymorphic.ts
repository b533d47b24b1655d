// Parameter types as the registry writes them, and PostgreSQL's polymorphic pseudo-types (§38.2.5): what `anyelement`
// and `anycompatible` mean in one call.

import { type SqlType, sameType, type TypeKind } from '../../core/type.ts'
import type { FunctionRegistry, ParameterType, ResultType } from '../../functions/registry.ts'
import { canCoerce, withoutModifiers } from './coerce.ts'
import { commonType } from './common-type.ts'

type ElementParameter = 'anyelement' | 'anyarray' | 'anynonarray' | 'anyenum'
type CompatibleParameter = 'anycompatible' | 'anycompatiblearray' | 'anycompatiblenonarray'

const elementParameters: ReadonlySet<string> = new Set(['anyelement', 'anyarray', 'anynonarray', 'anyenum'])
const compatibleParameters: ReadonlySet<string> = new Set([
  'anycompatible',
  'anycompatiblearray',
  'anycompatiblenonarray',
])

export const isElement = (param: ParameterType): param is ElementParameter => elementParameters.has(param)
export const isCompatible = (param: ParameterType): param is CompatibleParameter => compatibleParameters.has(param)
export const isPolymorphic = (param: ParameterType): boolean => isElement(param) || isCompatible(param)

const isArrayParameter = (param: ParameterType): boolean => param === 'anyarray' || param === 'anycompatiblearray'
const refusesArrays = (param: ParameterType): boolean =>
  param === 'anynonarray' || param === 'anycompatiblenonarray' || param === 'anyenum'

const unknown: SqlType = { kind: 'unknown' }

/** The type that a fixed parameter stands for; undefined for pseudo-types, which take the argument as it is. */
export function fixedType(param: ParameterType): SqlType | undefined {
  if (param.endsWith('[]')) return { kind: 'array', element: { kind: param.slice(0, -2) as TypeKind } as SqlType }
  if (isPolymorphic(param) || ['any', 'record', 'array', 'row', 'reg'].includes(param)) return undefined
  return { kind: param } as SqlType
}

/** Could this argument be passed for this parameter by itself? */
export function accepts(registry: FunctionRegistry, param: ParameterType, arg: SqlType): boolean {
  if (arg.kind === 'unknown' || param === 'any') return true
  if (param === 'record') return arg.kind === 'row'
  if (param === 'array' || param === 'row' || param === 'reg') return arg.kind === param
  if (isArrayParameter(param)) return arg.kind === 'array'
  if (param === 'anyenum') return arg.kind === 'enum'
  if (isPolymorphic(param)) return !(refusesArrays(param) && arg.kind === 'array')
  return canCoerce(registry, arg, fixedType(param)!, 'implicit')
}

export interface Bindings {
  readonly element: SqlType | undefined
  readonly compatible: SqlType | undefined
}

/** What the pseudo-types stand for, `unknown` where only untyped literals were given; undefined: the types disagree. */
export function bindPolymorphic(
  registry: FunctionRegistry,
  params: readonly ParameterType[],
  args: readonly SqlType[],
): Bindings | undefined {
  const element = params.some(isElement) ? sharedElement(params, args) : { type: undefined }
  const compatible = params.some(isCompatible) ? sharedCompatible(registry, params, args) : { type: undefined }
  return element && compatible && { element: element.type, compatible: compatible.type }
}

function elementTypes(params: readonly ParameterType[], args: readonly SqlType[], of: (p: ParameterType) => boolean) {
  return args.flatMap((arg, i) => {
    const param = params[i]!
    if (!of(param) || arg.kind === 'unknown') return []
    return [isArrayParameter(param) && arg.kind === 'array' ? arg.element : arg]
  })
}

function sharedElement(params: readonly ParameterType[], args: readonly SqlType[]): { type: SqlType } | undefined {
  const [first, ...rest] = elementTypes(params, args, isElement).map(withoutModifiers)
  if (first === undefined) return { type: unknown }
  return rest.every((type) => sameType(type, first)) ? { type: first } : undefined
}

function sharedCompatible(
  registry: FunctionRegistry,
  params: readonly ParameterType[],
  args: readonly SqlType[],
): { type: SqlType } | undefined {
  const found = elementTypes(params, args, isCompatible).map((type) => ({ type: withoutModifiers(type) }))
  const type = commonType(registry, found, undefined)
  return type && found.every((one) => canCoerce(registry, one.type, type, 'implicit')) ? { type } : undefined
}

/** What an argument must be converted to; undefined: it is taken as it is. */
export function targetType(param: ParameterType, bindings: Bindings): SqlType | undefined {
  if (isElement(param)) return wrap(param, bindings.element)
  if (isCompatible(param)) return wrap(param, bindings.compatible)
  return fixedType(param)
}

const wrap = (param: ParameterType, type: SqlType | undefined): SqlType | undefined =>
  type !== undefined && isArrayParameter(param) ? { kind: 'array', element: type } : type

/** The result's type, `args` being the types after conversion. */
export function resultOf(result: ResultType, bindings: Bindings, args: readonly SqlType[]): SqlType {
  if (typeof result === 'function') return result(args)
  if (result === 'record') return { kind: 'row', fields: [] }
  if (isPolymorphic(result)) return targetType(result, bindings)!
  return fixedType(result) ?? unknown
}
