// Indented trees: what every EXPLAIN of a plan prints. A node that stands in several places is printed once, with a
// number that the other places refer to.

export interface TreeNode {
  readonly label: string
  /** Lines below the label, before the inputs. */
  readonly details: readonly string[]
}

/** `describe` says what a node is, `inputs` what it reads, each with a heading of its own or none. */
export function printTree<N extends object>(
  root: N,
  describe: (node: N) => TreeNode,
  inputs: (node: N) => readonly { readonly heading: string | undefined; readonly node: N }[],
): string {
  const readers = countReaders(root, inputs)
  const numbers = new Map<N, number>()
  const lines: string[] = []
  const print = (node: N, indent: string, heading: string | undefined): void => {
    const prefix = `${indent}${heading === undefined ? '' : `${heading}: `}`
    const known = numbers.get(node)
    if (known !== undefined) {
      lines.push(`${prefix}(shared ${known})`)
      return
    }
    const { label, details } = describe(node)
    if ((readers.get(node) ?? 1) > 1) numbers.set(node, numbers.size + 1)
    const number = numbers.get(node)
    lines.push(`${prefix}${label}${number === undefined ? '' : ` (shared ${number})`}`)
    for (const detail of details) lines.push(`${indent}    ${detail}`)
    for (const input of inputs(node)) print(input.node, `${indent}  `, input.heading)
  }
  print(root, '', undefined)
  return lines.join('\n')
}

function countReaders<N extends object>(
  root: N,
  inputs: (node: N) => readonly { readonly node: N }[],
): ReadonlyMap<N, number> {
  const counts = new Map<N, number>()
  const visit = (node: N): void => {
    const count = counts.get(node) ?? 0
    counts.set(node, count + 1)
    if (count === 0) for (const input of inputs(node)) visit(input.node)
  }
  visit(root)
  return counts
}
