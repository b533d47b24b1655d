#!/usr/bin/env node
// The command `millrace`: the server. Options and defaults: `millrace --help`.

import { launch } from './launch.mjs'

launch('server/cli')
