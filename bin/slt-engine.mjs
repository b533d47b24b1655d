// The thread in which `npm run slt` runs an engine, so that a statement which never ends can be ended from outside.

import { parentPort, workerData } from 'node:worker_threads'
import { serveEngine } from '../server/slt/engine-worker.ts'
import * as host from './process-host.mjs'

serveEngine(parentPort, host, workerData)
