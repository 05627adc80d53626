// The results as JSON and as Markdown.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digits, megabytes, millions, percent, table } from './markdown.mjs';
import { callgrindSection } from './report-callgrind.mjs';
import { memorySection, scalingSection } from './report-memory.mjs';

function verdict(subject) {
  if (subject.right)
    return subject.octets === undefined ? 'right (packets only)' : `right, ${subject.octets}`;
  return subject.finished ? `WRONG: ${subject.why}` : subject.why;
}

function compareSection({ input, meaning, bestPeer, subjects }) {
  const { ledger } = input;
  const rows = subjects.map((subject) => [
    subject.name,
    millions(subject.packetsPerCpuSecond),
    digits((subject.cpuSeconds / ledger.packets) * 1e9),
    digits(subject.wallSeconds),
    megabytes(subject.peakBytes),
    digits(subject.ratioToBestPeer),
    digits(subject.ratioToLoop),
    String(subject.runs.length),
    percent(subject.othersShare),
    verdict(subject),
  ]);
  const head = [
    '',
    'Mpackets per CPU-second',
    'ns per packet',
    'wall s',
    'peak MB',
    '× best peer',
    '× minimal loop',
  ];
  const best = bestPeer ? `Best peer with right totals: ${bestPeer}.` : 'No peer with right totals ran.';
  return [
    `### Input ${input.name}: ${meaning}`,
    '',
    `${ledger.packets} packets, ${ledger.bytes} octets in frames, ${ledger.ip_bytes} IP octets, ${ledger.biflows} biflows, ` +
      `${input.flows} unidirectional flows; file of ${megabytes(input.fileBytes)} MB. ${best}`,
    '',
    table([[...head, 'runs', "others' cores", 'result against the ledger'], ...rows]),
    '',
  ].join('\n');
}

function head(results) {
  const { machine } = results;
  const versions = Object.entries(results.versions).map(
    ([name, version]) => `${name} ${version || '(not by dpkg)'}`,
  );
  const missing = results.missing.map(
    ({ name, packages }) => `Not installed, left out: ${name} (Debian: ${packages.join(', ')}).`,
  );
  return [
    '# Benchmark results',
    '',
    `${results.date}, commit ${machine.commit}: \`npm run bench${results.command}\`, ${Math.round(results.seconds / 60)} minutes.`,
    '',
    `${machine.processor}, ${machine.cores} cores, caches ${machine.caches}, ${megabytes(machine.memoryBytes)} MB of memory, ` +
      `Linux ${machine.kernel}, ${machine.distribution}, ${machine.compiler}.`,
    `Peers: ${versions.join(', ')}.`,
    ...missing,
    '',
    'Medians over the runs, which took turns. CPU time is user and system time of all processes of a tool; no process is ' +
      'pinned. Memory is the highest peak of the runs (summed over a tool\'s processes). "Others\' cores" says how many ' +
      'cores the rest of the machine kept busy meanwhile (100 % is one core): the more, the less a figure is worth.',
    '',
  ].join('\n');
}

export function markdown(results) {
  const sections = [head(results)];
  if (results.compare) sections.push('## On the same files\n', ...results.compare.map(compareSection));
  if (results.scaling) sections.push(scalingSection(results.scaling));
  if (results.memory) sections.push(memorySection(results.memory, results.scaling));
  if (results.callgrind) sections.push(callgrindSection(results.callgrind));
  return sections.join('\n');
}

/** Writes both forms; returns their paths. */
export function writeReport(directory, results, name) {
  mkdirSync(directory, { recursive: true });
  const json = join(directory, `${name}.json`);
  const text = join(directory, `${name}.md`);
  writeFileSync(json, JSON.stringify(results, null, 2) + '\n');
  writeFileSync(text, markdown(results));
  return [json, text];
}
