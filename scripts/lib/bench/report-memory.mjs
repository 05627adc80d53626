// The parts of results.md on live flows, memory and graphics processors.
import { digits, megabytes, percent, table } from './markdown.mjs';
import { buses, waitShare } from './memory.mjs';

export function scalingSection(rows) {
  const first = rows[0];
  const cells = rows.map((row) => [
    row.flows.toLocaleString('en-US'),
    digits(row.meter.steadyNs),
    digits(row.meter.steadyNs / first.meter.steadyNs),
    digits(row.meter.wholeNs),
    digits(row.loop.steadyNs),
    digits(row.loop.steadyNs / first.loop.steadyNs),
    megabytes(row.meter.peakBytes),
    megabytes(row.meter.cacheBytes),
    String(row.meter.flowsEvicted),
  ]);
  return [
    '## By the number of live flows',
    '',
    'All flows open at once, packets of 64 bytes spread evenly over them: the case that caches help least. CPU time of ' +
      'the packets that find all flows open ("steady") and of the whole run, with opening and closing every flow. ' +
      `"×" is against ${first.flows.toLocaleString('en-US')} flows.`,
    '',
    table([
      [
        'live flows',
        'Wireglass, steady ns per packet',
        '×',
        'whole run, ns per packet',
        'minimal loop, steady ns per packet',
        '×',
        'peak MB',
        'flow cache MB as stated',
        'evicted',
      ],
      ...cells,
    ]),
    '',
  ].join('\n');
}

function probeTable(probe) {
  const size = (bytes) => (bytes < 1 << 20 ? `${bytes >> 10} KiB` : `${bytes / (1 << 20)} MiB`);
  return table([
    ['working set', 'one access after the other, ns', `${probe.group} on their way together, ns each`],
    ...probe.accesses.map((row) => [size(row.bytes), digits(row.chase_ns), digits(row.grouped_ns)]),
  ]);
}

function gpuLines(probe, steps, rows) {
  const few = rows?.[0];
  const many = rows?.at(-1);
  const transfers = buses.map(
    ({ name, gbPerSecond }) =>
      `${digits(probe.digest_bytes / gbPerSecond)} ns over ${name} at ${digits(gbPerSecond)} GB/s`,
  );
  const lines = [
    `A packet's digest takes ${probe.digest_bytes} bytes; handed to a graphics processor it costs ${transfers.join(', ')} ` +
      '(public figures, four fifths of the line rate; not measured), and its copy into a buffer for the transfer ' +
      `${digits(probe.digest_bytes / probe.copy_gb_per_s)} ns at this machine's ${digits(probe.copy_gb_per_s)} GB/s.`,
    `Of the minimal loop's ${digits(steps.count)} ns per packet on input a, reading takes ${digits(steps.headers)}, parsing and ` +
      `hashing ${digits(steps.parse - steps.headers)}, the table ${digits(steps.count - steps.parse)}: only the last could move.`,
  ];
  if (few && many && few !== many) {
    lines.push(
      `Wireglass spends ${digits(many.meter.steadyNs - few.meter.steadyNs)} of ${digits(many.meter.steadyNs)} ns per packet ` +
        `(${percent(waitShare(few, many))}) on what ${many.flows.toLocaleString('en-US')} live flows cost more than ` +
        `${few.flows.toLocaleString('en-US')}, with the same instructions: waits for memory that prefetching does not hide.`,
    );
  }
  return lines;
}

export function memorySection({ probe, loopSteps }, rows) {
  return [
    '## Memory, and whether a graphics processor would help',
    '',
    `Reading in sequence: ${digits(probe.read_gb_per_s)} GB/s, copying: ${digits(probe.copy_gb_per_s)} GB/s, one core.`,
    '',
    probeTable(probe),
    '',
    ...(probe.round_trip_ns < 0
      ? []
      : [
          `A cache line takes ${digits(probe.round_trip_ns)} ns from one processor to another and back: what two workers pay ` +
            'for the packets that they hand over (fetched ahead, so that many are on their way together).',
          '',
        ]),
    ...gpuLines(probe, loopSteps, rows).flatMap((line) => [line, '']),
  ].join('\n');
}
