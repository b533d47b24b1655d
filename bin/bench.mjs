// The command `npm run bench -- NAME`: measures, and compares with hand-written loops (bench/run.ts).

import { launch } from './launch.mjs'

launch('bench/run')
