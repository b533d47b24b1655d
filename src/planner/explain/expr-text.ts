// Bound expressions as text, for EXPLAIN: close to SQL, with every conversion shown. Columns are shown by their name,
// with `#place` where the name alone would not say which one.

import { unreachable } from '../../core/assert.ts'
import type { Schema } from '../../core/schema.ts'
import type { SqlType } from '../../core/type.ts'
import { typeName } from '../../core/type-name.ts'
import type { JsonNode, SqlValue } from '../../core/value.ts'
import { defaultTextSettings } from '../../functions/text/settings.ts'
import { print } from '../../functions/text/text.ts'
import type { CaseExpr, Expr, SubqueryExpr, SubscriptExpr } from '../expr.ts'

/** `schema` is the row that the expression is over. */
export function exprText(expr: Expr, schema: Schema): string {
  const text = (child: Expr): string => exprText(child, schema)
  const list = (children: readonly Expr[]): string => children.map(text).join(', ')
  switch (expr.kind) {
    case 'column':
      return columnText(schema, expr.index)
    case 'outer':
      return `outer(${expr.depth}).#${expr.index}`
    case 'constant':
      return valueText(expr.value, expr.type)
    case 'parameter':
      return `$${expr.index + 1}`
    case 'call':
      return callText(expr.function.name, expr.args.map(text))
    case 'cast':
      return `${text(expr.input)}::${typeName(expr.type)}`
    case 'and':
      return `(${expr.args.map(text).join(' AND ')})`
    case 'or':
      return `(${expr.args.map(text).join(' OR ')})`
    case 'not':
      return `NOT ${text(expr.input)}`
    case 'isNull':
      return `${text(expr.input)} IS ${expr.negated ? 'NOT ' : ''}NULL`
    case 'isTruth':
      return `${text(expr.input)} IS ${expr.negated ? 'NOT ' : ''}${String(expr.of ?? 'unknown').toUpperCase()}`
    case 'distinctFrom':
      return `${text(expr.left)} IS ${expr.negated ? 'NOT ' : ''}DISTINCT FROM ${text(expr.right)}`
    case 'case':
      return caseText(expr, text)
    case 'coalesce':
      return `COALESCE(${list(expr.args)})`
    case 'nullIf':
      return `NULLIF(${text(expr.left)}, ${text(expr.right)})`
    case 'greatest':
      return `${expr.least ? 'LEAST' : 'GREATEST'}(${list(expr.args)})`
    case 'inList':
      return `${text(expr.input)} ${expr.negated ? 'NOT ' : ''}IN (${list(expr.list)})`
    case 'anyAll':
      return `${text(expr.input)} ${expr.operator.name} ${expr.all ? 'ALL' : 'ANY'} (${text(expr.array)})`
    case 'array':
      return `ARRAY[${list(expr.elements)}]`
    case 'row':
      return `ROW(${list(expr.fields)})`
    case 'field':
      return `(${text(expr.input)}).${expr.index + 1}`
    case 'subscript':
      return subscriptText(expr, text)
    case 'subquery':
      return subqueryText(expr, text)
    default:
      return unreachable(expr)
  }
}

function caseText({ whens, otherwise }: CaseExpr, text: (expr: Expr) => string): string {
  const shown = whens.map((when) => `WHEN ${text(when.condition)} THEN ${text(when.result)} `)
  return `CASE ${shown.join('')}ELSE ${text(otherwise)} END`
}

function subscriptText({ input, subscripts }: SubscriptExpr, text: (expr: Expr) => string): string {
  const bounds = subscripts.map((bound) =>
    bound.kind === 'index'
      ? text(bound.index)
      : `${bound.lower ? text(bound.lower) : ''}:${bound.upper ? text(bound.upper) : ''}`,
  )
  return `${text(input)}[${bounds.join('][')}]`
}

export function columnText(schema: Schema, index: number): string {
  const name = schema[index]?.name
  if (name === undefined) return `#${index}`
  const isPlain = /^[a-z_][a-z0-9_$]*$/.test(name)
  const shown = isPlain ? name : `"${name}"`
  return schema.filter((def) => def.name === name).length > 1 ? `${shown}#${index}` : shown
}

function callText(name: string, args: readonly string[]): string {
  if (/^\w/.test(name)) return `${name}(${args.join(', ')})`
  return args.length === 1 ? `(${name} ${args[0]})` : `(${args[0]} ${name} ${args[1]})`
}

function subqueryText({ form }: SubqueryExpr, text: (expr: Expr) => string): string {
  switch (form.kind) {
    case 'scalar':
      return '(subquery)'
    case 'exists':
      return 'EXISTS (subquery)'
    case 'quantified': {
      const inputs = form.inputs.map(text).join(', ')
      const left = form.inputs.length === 1 ? inputs : `(${inputs})`
      return `${left} ${form.operators.at(-1)!.name} ${form.quantifier.toUpperCase()} (subquery)`
    }
    default:
      return unreachable(form)
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A constant; where its text alone would read as another type, with its type. */
export function valueText(value: SqlValue, type: SqlType): string {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'boolean':
      return value ? 'TRUE' : 'FALSE'
    case 'string':
      return type.kind === 'text' ? quoted(value) : `${quoted(value)}::${typeName(type)}`
    case 'number':
      return ['int2', 'int4', 'float4', 'float8'].includes(type.kind) ? String(value) : `'${value}'::${typeName(type)}`
    case 'bigint':
      return type.kind === 'int8' ? String(value) : `'${value}'::${typeName(type)}`
    default:
      return objectText(value, type)
  }
}

function objectText(value: Extract<SqlValue, object>, type: SqlType): string {
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'::${typeName(type)}`
  switch (value.kind) {
    case 'numeric':
      return numericText(value)
    case 'array': {
      const element = type.kind === 'array' ? type.element : type
      return `{${value.elements.map((item) => valueText(item, element)).join(',')}}::${typeName(type)}`
    }
    case 'row': {
      const fields = type.kind === 'row' ? type.fields : []
      return `ROW(${value.fields.map((item, i) => valueText(item, fields[i]?.type ?? type)).join(', ')})`
    }
    case 'interval':
      return `'${value.months} months ${value.days} days ${value.micros} us'::interval`
    case 'timetz':
      return `'${value.micros} us ${value.zone}'::${typeName(type)}`
    case 'json':
      return `${quoted(jsonText(value.value))}::jsonb`
    case 'range':
    case 'multirange':
      return `${quoted(print(type, value, anySettings))}::${typeName(type)}`
    default:
      return unreachable(value)
  }
}

/** Bounds in UTC and PostgreSQL's default styles. */
const anySettings = defaultTextSettings(() => 0n)

function numericText(value: { readonly digits: bigint; readonly scale: number; readonly special?: string }): string {
  if (value.special !== undefined) return `'${value.special}'::numeric`
  const negative = value.digits < 0n
  const digits = (negative ? -value.digits : value.digits).toString().padStart(value.scale + 1, '0')
  const at = digits.length - value.scale
  return `${negative ? '-' : ''}${digits.slice(0, at)}${value.scale > 0 ? `.${digits.slice(at)}` : ''}`
}

function jsonText(node: JsonNode): string {
  if (node === null || typeof node !== 'object') return JSON.stringify(node)
  if ('digits' in node) return numericText(node)
  if ('entries' in node && 'kind' in node) {
    const entries = node.entries.map(([key, value]) => `${JSON.stringify(key)}: ${jsonText(value)}`)
    return `{${entries.join(', ')}}`
  }
  return `[${[...(node as readonly JsonNode[])].map(jsonText).join(', ')}]`
}
