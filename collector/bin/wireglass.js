#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// Each statement of the stores holds a thread of this pool while it runs; four would let them wait for each other.
process.env.UV_THREADPOOL_SIZE ??= '16';

const main = join(__dirname, '../dist/main.js');
if (!existsSync(main)) {
  console.error(
    'wireglass is not built yet: run `npm start` (builds and runs) or `npm run build` in the repository.',
  );
  process.exit(2);
}
require(main);
