// The command line of `npm run bench`.
import { parseArgs } from 'node:util';

export const presets = {
  a: {
    packets: 10_000_000,
    meaning: '10 M packets, 1 M unidirectional flows, IMIX, 10 % IPv6, cut to 96 bytes',
  },
  b: { packets: 10_000_000, meaning: '10 M packets of 64 bytes, 100 k flows' },
  c: { packets: 3_000_000, meaning: '3 M packets, 200 k flows, IMIX with full payload' },
  d: { packets: 10_000_000, meaning: '10 M packets in 5 M flows of two' },
};

export const help = `npm run bench -- [options]

Measures Wireglass, our minimal parse-and-hash loop and the installed peers on the same files, in turn, and checks what
each of them said. Writes artifacts/bench/results.json and results.md. Everything takes about ten minutes, most of it
the peers on input d; --short takes about three.

  --short             two rounds, peers once, and on d only the two fastest; the rest as without
  --inputs a,b,c,d    the generator's presets
  --packets N         this many packets per input instead of the preset's (flows in proportion)
  --rounds N          times that everything runs, in turn (3)
  --peer-rounds N     times that peers run (as --rounds; on d once)
  --peers LIST        of softflowd, nfpcapd, pmacctd, argus; "none" for none (all that are installed)
  --timeout SECONDS   a process that takes longer is ended and told (240)
  --parts LIST        of compare, scaling, memory (all three)
  --callgrind         instead: instructions per packet of everything, on 200 000 packets, by Valgrind
  --stages            instead: the Google Benchmark programs of single stages
  --only REGEX        with --stages: names of programs
  --build PRESET      the native preset whose programs are measured (bench)
  --output DIRECTORY  where results go (artifacts/bench)
`;

const parts = ['compare', 'scaling', 'memory'];
export const peerNames = ['softflowd', 'nfpcapd', 'pmacctd', 'argus'];

/** A usage error; its message says what was expected. */
export class UsageError extends Error {}

function count(text, name, least = 1) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) {
    throw new UsageError(`--${name} is "${text}"; expected a whole number from ${least} on`);
  }
  return number;
}

function list(text, name, known) {
  const names = text === 'none' ? [] : text.split(',').filter(Boolean);
  const unknown = names.find((item) => !known.includes(item));
  if (unknown !== undefined) {
    throw new UsageError(`--${name} names "${unknown}"; expected some of ${known.join(', ')}`);
  }
  return names;
}

/** Throws UsageError. */
export function parseOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        short: { type: 'boolean', default: false },
        inputs: { type: 'string', default: 'a,b,c,d' },
        packets: { type: 'string' },
        rounds: { type: 'string' },
        'peer-rounds': { type: 'string' },
        peers: { type: 'string' },
        timeout: { type: 'string', default: '240' },
        parts: { type: 'string', default: parts.join(',') },
        callgrind: { type: 'boolean', default: false },
        stages: { type: 'boolean', default: false },
        only: { type: 'string', default: '.' },
        build: { type: 'string', default: 'bench' },
        output: { type: 'string', default: 'artifacts/bench' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const rounds = values.rounds === undefined ? (values.short ? 2 : 3) : count(values.rounds, 'rounds');
  const peerRounds = values['peer-rounds'];
  return {
    ...values,
    rounds,
    peerRounds: peerRounds === undefined ? (values.short ? 1 : rounds) : count(peerRounds, 'peer-rounds'),
    inputs: list(values.inputs, 'inputs', Object.keys(presets)),
    packets: values.packets === undefined ? undefined : count(values.packets, 'packets', 1000),
    peers: values.peers === undefined ? peerNames : list(values.peers, 'peers', peerNames),
    parts: list(values.parts, 'parts', parts),
    timeoutSeconds: count(values.timeout, 'timeout'),
  };
}
