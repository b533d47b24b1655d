// CHARACTER(n) ignores its trailing blanks in everything but its length in bytes and its text form.

export function withoutTrailingBlanks(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--
  return text.slice(0, end)
}
