#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../dist/main.js');
if (!existsSync(main)) {
  console.error(
    'wireglass is not built yet: run `npm start` (builds and runs) or `npm run build` in the repository.',
  );
  process.exit(2);
}
require(main);
