// The part of results.md on instructions per packet.
import { digits, table } from './markdown.mjs';

const count = (value) => (value === undefined ? '-' : String(Math.round(value)));

function instructionsOf(results, name) {
  return results.map(({ rows }) => {
    const row = rows.find((candidate) => candidate.name === name);
    return row?.failed ? `(${row.failed})` : count(row?.instructions);
  });
}

function stageTable(results) {
  const own = results.map(({ rows }) => rows.find(({ name }) => name === 'Wireglass').stages ?? {});
  const names = [...new Set(own.flatMap((stages) => Object.keys(stages)))];
  return table([
    ['Wireglass, stage', ...results.map(({ input }) => input.name)],
    ...names.map((name) => [name, ...own.map((stages) => count(stages[name]))]),
  ]);
}

export function callgrindSection(results) {
  const names = results[0].rows.map(({ name }) => name);
  const packets = results[0].input.ledger.packets.toLocaleString('en-US');
  const ratios = results.map(({ rows }) => {
    const of = (name) => rows.find((row) => row.name === name).instructions;
    return digits(of('Wireglass') / of('minimal loop'));
  });
  return [
    `## Instructions per packet (callgrind, ${packets} packets, the whole process)`,
    '',
    table([
      ['', ...results.map(({ input }) => input.name)],
      ...names.map((name) => [name, ...instructionsOf(results, name)]),
      ['Wireglass against the minimal loop, ×', ...ratios],
    ]),
    '',
    stageTable(results),
    '',
  ].join('\n');
}
