// The command `npm run docs`: writes docs/functions.md from the function registry.

import { launch } from './launch.mjs'

launch('server/docs/main')
