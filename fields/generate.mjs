// Generates the flow record of C++, the types of TypeScript and docs/FIELDS.md from fields.yaml.
// With --check nothing is written; exit status 1 says that a file is out of date.
import { readFileSync, writeFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { cppEnums, cppHeader } from './targets/cpp.mjs';
import { typescriptModule } from './targets/typescript.mjs';
import { markdownTable } from './targets/markdown.mjs';
import { columnLayout } from './layout.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const table = parse(readFileSync(join(root, 'fields/fields.yaml'), 'utf8'));
const layout = columnLayout(table);
const outputs = {
  'native/core/packet/generated/flow_enums.hpp': cppEnums(table),
  'native/core/meter/generated/flow_record.hpp': cppHeader(table, layout),
  'native/generated/flow-fields.ts': typescriptModule(table, layout),
  'docs/FIELDS.md': markdownTable(table),
};

const checkOnly = process.argv.includes('--check');
let stale = 0;
for (const [path, text] of Object.entries(outputs)) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale += 1;
  console.log(`${checkOnly ? 'out of date' : 'written'}: ${path}`);
  if (checkOnly) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
if (checkOnly && stale > 0) {
  console.error('Run `npm run fields` and commit what it writes.');
  process.exit(1);
}
