// The command `npm run explain`: the plan of one statement. Options: `npm run explain` without any.

import { launch } from './launch.mjs'
import * as host from './process-host.mjs'

launch('server/slt/explain', { ...host, print: (line) => console.log(line) })
