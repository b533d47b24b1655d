// What the events of one seed draw from: the letters that `extra` is cut out of, and the urls of the channels. Texts
// that repeat are dictionaries, made once; a column of them is then nothing but codes.

import type { Dictionary } from '../../core/batch.ts'
import { hashBytes } from '../../core/primitives/hash.ts'
import { mix } from '../generator/random.ts'
import { EventRandom } from './event-random.ts'

export const HOT_CHANNELS = 4
export const CHANNELS = 10_000
export const PADDING_BYTES = 1 << 20

export interface Tables {
  readonly padding: Uint8Array
  /** Both by channel: the hot ones, then the others. */
  readonly channels: Dictionary
  readonly urls: Dictionary
}

const LETTER_A = 97

export function makeTables(seed: number): Tables {
  const random = new EventRandom(mix(seed ^ 0x5bd1e995))
  const padding = new Uint8Array(PADDING_BYTES)
  for (let i = 0; i < PADDING_BYTES; i++) padding[i] = LETTER_A + random.below(26)
  const urls = hotChannels.map(() => urlOf(random))
  for (let channel = 0; channel < CHANNELS; channel++) {
    const url = urlOf(random)
    urls.push(random.below(10) > 0 ? `${url}&channel_id=${reversedBits(channel) >>> 1}` : url)
  }
  return { padding, channels, urls: dictionaryOf(urls) }
}

function urlOf(random: EventRandom): string {
  const directories = [0, 0, 0].map(() => wordText(random, 5, '_'))
  return `https://www.nexmark.com/${directories.join('/')}/item.htm?query=1`
}

/** 3 to `max` − 1 letters, one in 13 of them `special`, blanks at the ends cut. */
function wordText(random: EventRandom, max: number, special: string): string {
  const letters: string[] = []
  for (let left = 3 + random.below(max - 3); left > 0; left--)
    letters.push(random.below(13) === 0 ? special : String.fromCharCode(LETTER_A + random.below(26)))
  return letters.join('').trim()
}

const SPACE = 32

/** The same letter by letter into an arena, blanks for specials; gives where it starts and its length. */
export function putWord(random: EventRandom, max: number, arena: Uint8Array, at: number): number {
  let length = 0
  for (let left = 3 + random.below(max - 3); left > 0; left--) {
    const letter = random.below(13) === 0 ? SPACE : LETTER_A + random.below(26)
    if (letter !== SPACE || length > 0) arena[at + length++] = letter
  }
  while (length > 0 && arena[at + length - 1] === SPACE) length--
  return length
}

/** A text's position in the padding and its length, packed: `length` × 2^20 + position. */
export function extraOf(random: EventRandom, used: number, average: number): number {
  const room = average - used
  if (room < 0) return 0
  const spread = Math.round(room * 0.2)
  const length = room - spread + (spread === 0 ? 0 : random.below(2 * spread))
  return length * PADDING_BYTES + random.below(PADDING_BYTES - length)
}

function reversedBits(word: number): number {
  let reversed = 0
  for (let bit = 0; bit < 32; bit++) reversed = (reversed << 1) | ((word >>> bit) & 1)
  return reversed
}

export function dictionaryOf(texts: readonly string[]): Dictionary {
  const size = texts.length
  const arena = new TextEncoder().encode(texts.join(''))
  const offsets = new Int32Array(size)
  const lengths = new Int32Array(size)
  const hashes = new Int32Array(size)
  let at = 0
  for (const [code, text] of texts.entries()) {
    const length = Buffer.byteLength(text)
    offsets[code] = at
    lengths[code] = length
    hashes[code] = hashBytes(arena, at, length)
    at += length
  }
  return { size, offsets, lengths, hashes, arena }
}

const hotChannels = ['Google', 'Facebook', 'Baidu', 'Apple']
const channels = dictionaryOf([...hotChannels, ...Array.from({ length: CHANNELS }, (_, i) => `channel-${i}`)])

/** Texts of the people. */
const FIRST_NAMES = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter']
const LAST_NAMES = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris']
export const firstNames: number = FIRST_NAMES.length
export const lastNames: number = LAST_NAMES.length
/** By first name × `lastNames` + last name. */
export const names = dictionaryOf(FIRST_NAMES.flatMap((first) => LAST_NAMES.map((last) => `${first} ${last}`)))
export const cities = dictionaryOf([
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
  'Cheyenne',
])
export const states = dictionaryOf(['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'])
