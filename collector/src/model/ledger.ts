import type { EngineCounters } from '@wireglass/native';

/** One equation: left = sum of the terms. */
export interface LedgerEquation {
  /** the equation in words */
  equation: string;
  left: { name: string; packets: number };
  terms: { name: string; packets: number }[];
  /** left minus the terms: 0 unless a counter is wrong */
  difference: number;
  holds: boolean;
}

export interface Ledger {
  /** true: the capture has ended, so that nothing may be waiting any more */
  settled: boolean;
  metering: LedgerEquation;
  recording: LedgerEquation;
}

function equation(
  words: string,
  left: { name: string; packets: number },
  terms: { name: string; packets: number }[],
  waiting: { name: string; packets: number },
  settled: boolean,
): LedgerEquation {
  const all = [...terms, waiting];
  const difference = left.packets - all.reduce((sum, term) => sum + term.packets, 0);
  const holds = difference === 0 && !(settled && waiting.packets > 0);
  return { equation: words, left, terms: all, difference, holds };
}

/** All refused packets, whatever the reason. */
export function refusedPackets(counters: EngineCounters): number {
  return Object.values(counters.refused_packets).reduce((sum, packets) => sum + packets, 0);
}

/** Where every packet went: to a flow or to a loss that has a name, and to disk or not. */
export function ledger(counters: EngineCounters, settled: boolean): Ledger {
  const refused = Object.entries(counters.refused_packets).map(([reason, packets]) => ({
    name: `refused: ${reason}`,
    packets,
  }));
  return {
    settled,
    metering: equation(
      'offered = metered + refused + not sampled + lost between workers + dropped by the kernel + dropped by the interface + in the ring',
      { name: 'offered', packets: counters.offered_packets },
      [
        { name: 'metered', packets: counters.metered_packets },
        ...refused,
        { name: 'not sampled', packets: counters.not_sampled_packets },
        { name: 'lost between workers', packets: counters.digests_lost },
        { name: 'dropped by the kernel', packets: counters.dropped_kernel_packets },
        { name: 'dropped by the interface', packets: counters.dropped_interface_packets },
      ],
      { name: 'in the ring', packets: counters.packets_in_ring },
      settled,
    ),
    recording: equation(
      'captured = recorded + not recorded by policy + lost to disk + buffered',
      { name: 'captured', packets: counters.captured_packets },
      [
        { name: 'recorded', packets: counters.packets_recorded },
        { name: 'not recorded by policy', packets: counters.packets_not_recorded },
        { name: 'lost to disk', packets: counters.packets_lost_to_disk },
      ],
      { name: 'buffered', packets: counters.packets_buffered },
      settled,
    ),
  };
}
