// to_char of dates and intervals, to_date, to_timestamp by template.

import type { Interval } from '../../core/value.ts'
import { checkedDate, checkedTimestamp, isFiniteTimestamp, joinTimestamp } from '../arithmetic/calendar.ts'
import { toInstant } from '../arithmetic/datetime.ts'
import type { EvaluationContext, ScalarFunction } from '../registry.ts'
import { strict } from '../registry.ts'
import { roundTimestamp } from '../text/datetime-parse.ts'
import { momentOfReading, type ReadMoment } from './moment.ts'
import { type Moment, momentOfInstant, momentOfInterval, momentOfTimestamp, printMoment } from './print-date.ts'
import { TemplateReader } from './read-date.ts'
import { parseTemplate, type TemplatePart } from './template.ts'

/** One more template than the last is cut anew; one that stays the same is not. */
function remembering(): (template: string) => readonly TemplatePart[] {
  let last: { readonly template: string; readonly parts: readonly TemplatePart[] } | undefined
  return (template) => {
    if (last === undefined || last.template !== template) last = { template, parts: parseTemplate(template) }
    return last.parts
  }
}

const partsOf = remembering()

/** NULL of no template and of infinity. */
const print = (template: string, moment: Moment | undefined): string | null =>
  template === '' || moment === undefined ? null : printMoment(partsOf(template), moment)

const read = (text: string, template: string): ReadMoment =>
  momentOfReading(new TemplateReader(text, partsOf(template)).read(), text)

export const dateFormatFunctions: readonly ScalarFunction[] = [
  strict('to_char', ['timestamp', 'text'], 'text', {
    doc: 'The timestamp by a template.',
    example: "to_char(timestamp '2002-04-20 17:31:12.66', 'FMDay, DDth HH12:MI:SS') = 'Saturday, 20th 05:31:12'",
    evaluate: (value: bigint, template: string) =>
      print(template, isFiniteTimestamp(value) ? momentOfTimestamp(value) : undefined),
  }),
  strict('to_char', ['timestamptz', 'text'], 'text', {
    doc: 'The instant by a template, in the session’s zone.',
    example: "to_char(timestamptz '2002-04-20 17:31:12.66+00', 'HH24:MI:SS.MS') = '17:31:12.660'",
    volatility: 'stable',
    evaluate: (value: bigint, template: string, { text }: EvaluationContext) =>
      print(template, isFiniteTimestamp(value) ? momentOfInstant(value, text.timeZone) : undefined),
  }),
  strict('to_char', ['interval', 'text'], 'text', {
    doc: 'The interval by a template.',
    example: "to_char(interval '15h 2m 12s', 'HH24:MI:SS') = '15:02:12'",
    evaluate: (value: Interval, template: string) => print(template, momentOfInterval(value)),
  }),
  strict('to_date', ['text', 'text'], 'date', {
    doc: 'The date that a text means by a template.',
    example: "to_date('05 Dec 2000', 'DD Mon YYYY') = date '2000-12-05'",
    evaluate: (text: string, template: string) => checkedDate(read(text, template).days),
  }),
  strict('to_timestamp', ['text', 'text'], 'timestamptz', {
    doc: 'The instant that a text means by a template; in the session’s zone, unless the text has one.',
    example: "to_timestamp('05 Dec 2000 14:00 +01', 'DD Mon YYYY HH24:MI TZH') = timestamptz '2000-12-05 13:00+00'",
    volatility: 'stable',
    evaluate: (text: string, template: string, context: EvaluationContext) => {
      const { days, micros, zone, precision } = read(text, template)
      const local = checkedTimestamp(joinTimestamp(checkedDate(days), micros))
      const instant =
        zone === undefined
          ? toInstant(local, context.text.timeZone)
          : checkedTimestamp(local - BigInt(zone) * 1_000_000n)
      return roundTimestamp(instant, precision)
    },
  }),
]
