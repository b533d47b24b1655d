// The command `npm run sim -- --seed S`: plays simulated histories (test/simulation/main.ts).

import { launch } from './launch.mjs'

launch('test/simulation/main')
