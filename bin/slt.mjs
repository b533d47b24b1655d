// The command `npm run slt`: runs sqllogictest files. Options: `npm run slt -- --help`.

import { launch } from './launch.mjs'
import { timers } from './process-host.mjs'

launch('server/slt/main', { print: (line) => console.log(line), processId: process.pid, timers })
