// Reads what Valgrind's callgrind writes (its format is described in Valgrind's manual, "Callgrind Format
// Specification"): instructions by where they stand in the source.

const costLine = /^(?:[+-]?\d+|\*)(?: (\d+))?\s*$/;
const named = /^(?:\((\d+)\))?\s*(.*)$/;

/** Names are written once with a number, "(12) name", and later by the number alone, "(12)". */
class Names {
  #byNumber = new Map();

  resolve(text) {
    const [, number, name] = text.match(named);
    if (number === undefined) return name;
    if (name !== '') this.#byNumber.set(number, name);
    return this.#byNumber.get(number) ?? '???';
  }
}

/**
 * Calls `visit(instructions, {file, functionFile, name})` for every line's own cost: `file` is where the line stands
 * (another one than the function's where it was inlined). Returns the total that the file states.
 */
export function readCallgrind(text, visit) {
  const files = new Names();
  const functions = new Names();
  const at = { file: '???', functionFile: '???', name: '???' };
  let calledCost = false;
  let total = 0;
  for (const line of text.split('\n')) {
    const cost = line.match(costLine);
    if (cost) {
      // The line behind "calls=" is what the callee took, which stands with the callee.
      if (!calledCost) visit(Number(cost[1] ?? 0), at);
      calledCost = false;
      continue;
    }
    const separator = line.search(/[=:]/);
    const key = line.slice(0, separator);
    const value = line.slice(separator + 1).trim();
    if (key === 'fl') at.file = at.functionFile = files.resolve(value);
    else if (key === 'fi' || key === 'fe') at.file = files.resolve(value);
    else if (key === 'fn') at.name = functions.resolve(value);
    else if (key === 'cfi' || key === 'cfl') files.resolve(value);
    else if (key === 'cfn') functions.resolve(value);
    else if (key === 'calls') calledCost = true;
    else if (key === 'totals') total = Number(value);
  }
  return total;
}

/** The first stage whose pattern fits wins. */
const stages = [
  ['read', /core\/(pcapng|capture)\//],
  ['decode', /core\/decode\//],
  ['digest and hash', /core\/meter\/(packet_digest|flow_hash)/],
  [
    'records',
    /core\/meter\/(record_builder|flow_batch|generated\/)|core\/pipeline\/record_handover|bench\/meter_run/,
  ],
  ['application fields', /core\/app\//],
  ['meter', /core\/meter\//],
  ['worker', /core\/pipeline\//],
  ['segments', /core\/segment\//],
];

/** Code of these is part of whoever uses it: the standard library, addresses, counters. */
const shared = /\/include\/c\+\+\/|core\/(base|packet)\//;

/** The stage of a line of Wireglass's code. */
export function stageOf({ file, functionFile }) {
  const place = shared.test(file) || !file.includes('/') ? functionFile : file;
  return stages.find(([, pattern]) => pattern.test(place))?.[0] ?? 'C library and start-up';
}

/** Instructions by stage, largest first, and their total. */
export function byStage(text) {
  const counts = new Map();
  const total = readCallgrind(text, (instructions, place) => {
    const stage = stageOf(place);
    counts.set(stage, (counts.get(stage) ?? 0) + instructions);
  });
  return { total, stages: [...counts].sort((left, right) => right[1] - left[1]) };
}
