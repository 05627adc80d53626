import { measure } from './measure.mjs';

async function runLoop(mode, input, context) {
  const args = [mode, input.path, String(input.flows)];
  const run = await measure(context, context.program('minimal_loop'), args);
  if (!run.ok) return { ...run, totals: null };
  const said = JSON.parse(run.output);
  const totals = { packets: said.packets, octets: said.bytes };
  if (mode === 'headers') return { ...run, totals };
  return { ...run, totals: { ...totals, octets: said.ip_bytes, flows: said.flows } };
}

/** The practical limit: 5-tuples counted in one table that is as large as the input needs. */
export const minimalLoop = {
  name: 'minimal loop',
  kind: 'limit',
  programs: [],
  run: (input, context) => runLoop('count', input, context),
};

/** Steps from one packet to the next and does nothing. */
export const walkOnly = {
  name: 'minimal loop, records only',
  kind: 'floor',
  programs: [],
  run: (input, context) => runLoop('headers', input, context),
};
