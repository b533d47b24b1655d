// How the grammar decides: by the one next token, looked up in a table per OR, OPTION and repetition.
//
// Chevrotain's own strategy computes paths of several tokens, walks them one by one where alternatives have gates, and
// takes seconds for a vocabulary with word categories. Here the sets of first tokens are computed once, by the
// textbook; gates are asked only where the token leaves a choice. A grammar in which two ungated alternatives begin
// with the same token is refused by `validate` (run by the tests). `Expected` collects what could have stood at a
// place; see parse.ts.

import {
  Alternation,
  type Alternative,
  type ILookaheadStrategy,
  type IOrAlt,
  NonTerminal,
  Option,
  type IProduction as Production,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  type Rule,
  Terminal,
  type TokenType,
} from 'chevrotain'

/** What the functions below need of the parser that calls them. */
interface Reader {
  LA(ahead: number): { readonly tokenTypeIdx: number; readonly startOffset: number }
}

/** While `at` is a token's offset, every token type that a decision there could have taken is noted. */
export interface Expected {
  at: number
  readonly types: Set<TokenType>
}

type First = Readonly<{ types: ReadonlySet<TokenType>; empty: boolean }>
type Optional = 'Option' | 'Repetition' | 'RepetitionMandatory' | 'RepetitionWithSeparator'
type Prods = readonly Production[]

const optionalKinds: readonly [abstract new (...args: never[]) => Production, string][] = [
  [Option, 'Option'],
  [Repetition, 'Repetition'],
  [RepetitionMandatory, 'RepetitionMandatory'],
  [RepetitionWithSeparator, 'RepetitionWithSeparator'],
  [RepetitionMandatoryWithSeparator, 'RepetitionMandatoryWithSeparator'],
]

const kindOf = (production: Production): string =>
  production instanceof Alternation
    ? 'Alternation'
    : (optionalKinds.find(([type]) => production instanceof type)?.[1] ?? '')

/** Without those of a rule that is only referred to. */
const childrenOf = (production: Production): Prods =>
  production instanceof NonTerminal ? [] : ((production as { definition?: Production[] }).definition ?? [])

export class FirstTokenLookahead implements ILookaheadStrategy {
  readonly #expected: Expected
  readonly #firsts = new Map<Rule, First>()
  /** By rule and "kind idx". */
  readonly #productions = new Map<Rule, Map<string, Production>>()

  constructor(expected: Expected) {
    this.#expected = expected
  }

  validate({ rules }: { rules: Rule[] }): { message: string; ruleName: string; type: number }[] {
    return rules.flatMap((rule) =>
      [...this.#productionsOf(rule).values()]
        .filter((production) => production instanceof Alternation)
        .flatMap((production) => this.#clashes(rule, production)),
    )
  }

  buildLookaheadForAlternation(options: {
    prodOccurrence: number
    rule: Rule
    hasPredicates: boolean
  }): (this: Reader, alternatives?: readonly IOrAlt<unknown>[]) => number | undefined {
    const alternation = this.#find(options.rule, 'Alternation', options.prodOccurrence)
    const firsts = childrenOf(alternation).map((alternative) => this.#firstOf(childrenOf(alternative)))
    const choices: number[][] = []
    for (const [index, { types }] of firsts.entries()) {
      for (const type of expand(types)) choices[type] = [...(choices[type] ?? []), index]
    }
    const fallback = firsts.findIndex(({ empty }) => empty)
    const otherwise = fallback < 0 ? undefined : fallback
    const note = (alternatives: readonly IOrAlt<unknown>[] | undefined, reader: Reader): void => {
      for (const [index, { types }] of firsts.entries()) {
        if (alternatives?.[index]?.GATE?.call(reader) !== false) this.#note(types)
      }
    }
    const expected = this.#expected
    return function (alternatives) {
      const token = this.LA(1)
      if (token.startOffset === expected.at) note(alternatives, this)
      const possible = choices[token.tokenTypeIdx]
      if (possible === undefined) return otherwise
      if (!options.hasPredicates) return possible[0]
      for (const index of possible) {
        const gate = alternatives![index]!.GATE
        if (gate === undefined || gate.call(this)) return index
      }
      return otherwise
    }
  }

  buildLookaheadForOptional(options: {
    prodOccurrence: number
    prodType: string
    rule: Rule
  }): (this: Reader) => boolean {
    const production = this.#find(options.rule, options.prodType as Optional, options.prodOccurrence)
    const { types } = this.#firstOf(childrenOf(production))
    const enters: boolean[] = []
    for (const type of expand(types)) enters[type] = true
    const expected = this.#expected
    const note = (): void => this.#note(types)
    return function () {
      const token = this.LA(1)
      if (token.startOffset === expected.at) note()
      return enters[token.tokenTypeIdx] === true
    }
  }

  #note(types: Iterable<TokenType>): void {
    for (const type of types) this.#expected.types.add(type)
  }

  #clashes(rule: Rule, alternation: Alternation): { message: string; ruleName: string; type: number }[] {
    const seen = new Set<number>()
    return (alternation.definition as Alternative[]).flatMap((alternative) => {
      const types = [...expand(this.#firstOf(alternative.definition).types)]
      const clash = alternative.ignoreAmbiguities ? undefined : types.find((type) => seen.has(type))
      if (!alternative.ignoreAmbiguities) for (const type of types) seen.add(type)
      if (clash === undefined) return []
      const message = `two alternatives of OR${alternation.idx} in ${rule.name} begin with token type ${clash}`
      return [{ message, ruleName: rule.name, type: 7 }]
    })
  }

  #find(rule: Rule, kind: string, idx: number): Production {
    return this.#productionsOf(rule).get(`${kind} ${idx}`)!
  }

  #productionsOf(rule: Rule): Map<string, Production> {
    const known = this.#productions.get(rule)
    if (known !== undefined) return known
    const found = new Map<string, Production>()
    const walk = (production: Production): void => {
      const kind = kindOf(production)
      if (kind !== '') found.set(`${kind} ${(production as Option).idx}`, production)
      for (const child of childrenOf(production)) walk(child)
    }
    for (const production of rule.definition) walk(production)
    this.#productions.set(rule, found)
    return found
  }

  /** The tokens a sequence may begin with, and whether it may be empty. */
  #firstOf(sequence: Prods): First {
    const types = new Set<TokenType>()
    for (const production of sequence) {
      const first = this.#firstOfOne(production)
      for (const type of first.types) types.add(type)
      if (!first.empty) return { types, empty: false }
    }
    return { types, empty: true }
  }

  #firstOfOne(production: Production): First {
    if (production instanceof Terminal) return { types: new Set([production.terminalType]), empty: false }
    if (production instanceof NonTerminal) return this.#firstOfRule(production.referencedRule)
    if (production instanceof Alternation) {
      const firsts = childrenOf(production).map((each) => this.#firstOf(childrenOf(each)))
      return {
        types: new Set(firsts.flatMap((first) => [...first.types])),
        empty: firsts.some((first) => first.empty),
      }
    }
    const first = this.#firstOf(childrenOf(production))
    const mandatory =
      production instanceof RepetitionMandatory || production instanceof RepetitionMandatoryWithSeparator
    return { types: first.types, empty: !mandatory || first.empty }
  }

  #firstOfRule(rule: Rule): First {
    const known = this.#firsts.get(rule)
    if (known !== undefined) return known
    const first = this.#firstOf(rule.definition)
    this.#firsts.set(rule, first)
    return first
  }
}

/** The type numbers of `types` and of everything in those that are categories. */
const expand = (types: Iterable<TokenType>): Set<number> => {
  const numbers = new Set<number>()
  for (const type of types) {
    numbers.add(type.tokenTypeIdx as number)
    for (const member of type.categoryMatches ?? []) numbers.add(member)
  }
  return numbers
}
