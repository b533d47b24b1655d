import type { Backend } from './connection.ts'
export function inProcess(_where: 'memory' | 'files'): Backend {
  throw new Error('no engine yet')
}
