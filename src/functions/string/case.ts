// Upper and lower case as PostgreSQL's locale C has them, which is what `lc_ctype` says: letters of ASCII only.

import type { ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'

export const lowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

export const upperCase = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())

const initialCapitals = (text: string): string =>
  text.replace(/[A-Za-z0-9]+/g, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())

export const caseFunctions: readonly ScalarFunction[] = [
  strict('lower', ['text'], 'text', {
    doc: 'Folds the letters A to Z to lower case; other characters stay, as in locale C.',
    example: "lower('AbÉ') = 'abÉ'",
    fails: false,
    evaluate: lowerCase,
  }),
  strict('upper', ['text'], 'text', {
    doc: 'Folds the letters a to z to upper case; other characters stay, as in locale C.',
    example: "upper('Ab1é') = 'AB1é'",
    fails: false,
    evaluate: upperCase,
  }),
  strict('initcap', ['text'], 'text', {
    doc: 'The first letter of each word large, the rest small; words are runs of ASCII letters and digits.',
    example: "initcap('hi THOMAS') = 'Hi Thomas'",
    fails: false,
    evaluate: initialCapitals,
  }),
]
