// Whether what a tool said about an input is right: against the generator's ledger.

const ethernetHeaderBytes = 14;

/** What a tool may mean by octets. Each is a truth; they differ in headers and in the padding of short frames. */
function octetTruths(ledger) {
  return {
    'IP octets': ledger.ip_bytes,
    'frame octets': ledger.bytes,
    'frame octets without the Ethernet header': ledger.bytes - ethernetHeaderBytes * ledger.packets,
  };
}

/**
 * `totals` has packets and, where the tool says them, octets and flows (as many as `input.flows` must be).
 * Returns {right, octets, why}: `octets` names what the tool counts, `why` says what is wrong.
 */
export function checkTotals(totals, input) {
  const { ledger } = input;
  if (totals === null) return { right: false, why: 'it said nothing that can be checked' };
  const wrong = [];
  const differs = (name, said, truth) => wrong.push(`${said} ${name} instead of ${truth}`);
  if (totals.packets !== ledger.packets) differs('packets', totals.packets, ledger.packets);
  let octets;
  if (totals.octets !== undefined) {
    octets = Object.entries(octetTruths(ledger)).find(([, truth]) => truth === totals.octets)?.[0];
    if (octets === undefined)
      differs('octets', totals.octets, `${ledger.ip_bytes} (IP) or ${ledger.bytes} (frames)`);
  }
  if (totals.flows !== undefined && totals.flows !== input.flows) differs('flows', totals.flows, input.flows);
  if (totals.lost) wrong.push(`${totals.lost}: the receiver's loss, not the tool's`);
  return { right: wrong.length === 0, octets, why: wrong.join('; ') };
}
