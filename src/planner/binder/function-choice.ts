// What calls of all kinds of functions have in common: the name, the arguments, the overload.

import { notSupported } from '../../core/error.ts'
import type * as Ast from '../../parser/ast.ts'
import { ambiguousFunction, badSyntax, undefinedFunction, undeterminedElement } from '../errors.ts'
import type { Expr } from '../expr.ts'
import { seenFrom } from '../plan-walk.ts'
import { type Chosen, type Overload, resolveOverload } from '../types/overload.ts'
import { isElement } from '../types/polymorphic.ts'
import type { Environment } from './environment.ts'
import { findTable, wholeRow } from './names.ts'

/** The folded name without its schema, which can only be the system's. */
export function functionName(environment: Environment, node: Ast.FunctionCall): string {
  const name = node.name.at(-1)!
  if (node.name.length === 1 || (node.name.length === 2 && node.name[0] === 'pg_catalog')) return name
  const args = bindArguments(environment, node).map((arg) => arg.type)
  throw undefinedFunction(node.name.join('.'), args, node.position)
}

/** The overload for these arguments. Throws 42883, 42725, or 42804 where `anyelement` is only untyped literals. */
export function chooseFunction<F extends Overload>(
  environment: Environment,
  name: string,
  functions: readonly F[],
  args: readonly Expr[],
  position: number,
): Chosen<F> {
  const types = args.map((arg) => arg.type)
  const chosen = resolveOverload(environment.statement.types.registry, functions, types)
  if (chosen === 'none') throw undefinedFunction(name, types, position)
  if (chosen === 'ambiguous') throw ambiguousFunction(name, types, position)
  const elements = types.filter((_, i) => isElement(chosen.function.args[i] ?? chosen.function.args.at(-1)!))
  if (elements.length > 0 && elements.every((type) => type.kind === 'unknown')) throw undeterminedElement(position)
  return chosen
}

export function bindArguments(environment: Environment, node: Ast.FunctionCall): readonly Expr[] {
  return node.arguments.map((argument) => {
    if (argument.name !== undefined) throw notSupported('calling functions with named arguments', argument)
    const { value } = argument
    if (value.kind !== 'star' || value.parts.length === 0)
      return environment.statement.binder.expression(environment, value)
    const found = findTable(environment, value.parts.at(-2), value.parts.at(-1)!, value.position)
    if (found === undefined)
      throw badSyntax('row expansion via "*" is not supported here', { position: value.position })
    return seenFrom(wholeRow(found.table, value.position), found.depth)
  })
}
