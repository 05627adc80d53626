import { measure, withReceiver } from './measure.mjs';

export const softflowd = {
  name: 'softflowd',
  kind: 'peer',
  programs: ['softflowd'],
  packages: ['softflowd'],
  async run(input, context) {
    const [run, sums] = await withReceiver(context, (port) =>
      measure(context, 'softflowd', command(input, port)),
    );
    return { ...run, totals: run.ok ? exportedTotals(sums) : null };
  },
  commands: (input, port) => [['softflowd', command(input, port)]],
};

/** Room for every flow (it never expires one while it reads a file), no control socket: with one it waits for ever. */
function command(input, port) {
  const room = String(Math.max(input.flows, 8192) * 2);
  return ['-r', input.path, '-n', `127.0.0.1:${port}`, '-v', '9', '-m', room, '-A', 'milli'];
}

/** What arrived at the receiver; messages that it lost make the totals worthless. */
export function exportedTotals(sums) {
  const totals = { packets: sums.packets, octets: sums.ip_bytes };
  if (sums.lost_messages > 0) totals.lost = `${sums.lost_messages} export messages`;
  return totals;
}
