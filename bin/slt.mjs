// The command `npm run slt`: runs sqllogictest files. Options: `npm run slt -- --help`.

import { launch } from './launch.mjs'

launch('server/slt/main', {
  print: (line) => console.log(line),
  processId: process.pid,
  timers: {
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs)
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    },
  },
})
