// The command `npm run fuzz`: random SQL, judged. Options: `npm run fuzz -- --help`.

import { launch } from './launch.mjs'
import { clock, timers } from './process-host.mjs'

launch('server/fuzz/main', {
  print: (line) => console.log(line),
  processId: process.pid,
  postgres: process.env.MILLRACE_TEST_PG,
  clock,
  timers,
})
