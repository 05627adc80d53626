import type { EngineCounters, IntervalInterface } from '@wireglass/native';
import { otherValue } from '../model/metric-sample.js';

/** Sums of the reports of one capture, to find what reports that were dropped on their way would have told. */
export class RunTotals {
  private sums = noSums();
  private refused = new Map<string, number>();

  reset(): void {
    this.sums = noSums();
    this.refused = new Map();
  }

  add(part: IntervalInterface): void {
    this.sums.captured_packets += part.captured_packets;
    this.sums.captured_bytes += part.captured_bytes;
    this.sums.metered_packets += part.metered_packets;
    this.sums.metered_ip_bytes += part.metered_ip_bytes;
    this.sums.flows_started += part.flows_started;
    this.sums.flows_ended += part.flows_ended;
    for (const [reason, packets] of Object.entries(part.refused_packets))
      this.refused.set(reason, (this.refused.get(reason) ?? 0) + packets);
  }

  /**
   * What the final counters have beyond the reports, its dimensions under `other`; null when nothing is missing, which
   * is so unless reports were dropped.
   */
  missing(final: EngineCounters): IntervalInterface | null {
    const { sums } = this;
    const packets = final.metered_packets - sums.metered_packets;
    const bytes = final.metered_ip_bytes - sums.metered_ip_bytes;
    const refusedPackets = Object.fromEntries(
      Object.entries(reportedReasons(final.refused_packets))
        .map(([reason, all]) => [reason, all - (this.refused.get(reason) ?? 0)] as const)
        .filter(([, missing]) => missing !== 0),
    );
    const missing = {
      captured_packets: final.captured_packets - sums.captured_packets,
      captured_bytes: final.captured_bytes - sums.captured_bytes,
      metered_packets: packets,
      metered_ip_bytes: bytes,
      flows_started: final.flows_created - sums.flows_started,
      flows_ended: final.flows_created - final.flows_live - sums.flows_ended,
    };
    if (Object.values(missing).every((value) => value === 0) && Object.keys(refusedPackets).length === 0)
      return null;
    const rest = { [otherValue]: { packets, bytes } };
    return {
      interface: null,
      ...missing,
      refused_packets: refusedPackets,
      protocol: rest,
      overlay: rest,
      ip_version: rest,
      dscp: rest,
      size: rest,
      tcp_flags: rest,
    };
  }
}

/** The counters tell link types that are not supported one by one, reports together. */
export function reportedReasons(refused: Readonly<Record<string, number>>): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const [reason, packets] of Object.entries(refused)) {
    const reported = reason.startsWith('link type ') ? 'link_type_unsupported' : reason;
    reasons[reported] = (reasons[reported] ?? 0) + packets;
  }
  return reasons;
}

const noSums = () => ({
  captured_packets: 0,
  captured_bytes: 0,
  metered_packets: 0,
  metered_ip_bytes: 0,
  flows_started: 0,
  flows_ended: 0,
});
