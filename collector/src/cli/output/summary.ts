import type { Conversations, EngineCounters, EngineFailure } from '@wireglass/native';
import { humanBytes, humanCount } from './human.js';

/** What `wireglass meter --summary` tells. */
export interface Summary {
  /** all packets read, refused ones included */
  packets: number;
  /** their bytes on the wire */
  bytes: number;
  /** flow records */
  flows: number;
  conversations: Conversations;
  /** reason → packets */
  refused: Record<string, number>;
  /** reason → metered packets of a tunnel whose inside was not followed */
  unfollowed: Record<string, number>;
  metered_packets: number;
  metered_ip_bytes: number;
  flows_evicted: number;
  /** inputs that could not be read, or not to their end */
  failures: EngineFailure[];
}

export function summaryOf(
  counters: EngineCounters,
  conversations: Conversations,
  failures: readonly EngineFailure[],
): Summary {
  return {
    packets: counters.captured_packets,
    bytes: counters.captured_bytes,
    flows: counters.records,
    conversations,
    refused: counters.refused_packets,
    unfollowed: counters.unfollowed_packets,
    metered_packets: counters.metered_packets,
    metered_ip_bytes: counters.metered_ip_bytes,
    flows_evicted: counters.flows_evicted,
    failures: [...failures],
  };
}

const exact = (value: number): string => value.toLocaleString('en-US');

export function summaryText(summary: Summary): string {
  const { outer, inner } = summary.conversations;
  const counts = (it: Conversations['outer']): string =>
    `${exact(it.tcp)} TCP, ${exact(it.udp)} UDP, ${exact(it.sctp)} SCTP`;
  const lines = [
    ['packets', exact(summary.packets)],
    ['bytes on the wire', `${exact(summary.bytes)} (${humanBytes(summary.bytes)})`],
    ['flow records', exact(summary.flows)],
    ['packets metered', `${exact(summary.metered_packets)} (${humanCount(summary.metered_ip_bytes)}B of IP)`],
    ['conversations', `outer: ${counts(outer)}`],
    ['', `inner: ${counts(inner)}`],
  ];
  if (summary.flows_evicted > 0)
    lines.push(['closed early', `${exact(summary.flows_evicted)} flows, for lack of room (--max-flows)`]);
  for (const [title, packetsOf] of [
    ['inside not followed', summary.unfollowed],
    ['not metered', summary.refused],
  ] as const) {
    const reasons = Object.entries(packetsOf).sort(([, left], [, right]) => right - left);
    reasons.forEach(([reason, packets], index) =>
      lines.push([index === 0 ? title : '', `${exact(packets)} ${reason}`]),
    );
  }
  return lines.map(([name = '', value = '']) => `${name.padEnd(19)} ${value}\n`).join('');
}
