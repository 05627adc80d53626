import type { EngineCounters } from '@wireglass/native';
import { refusedPackets } from '../model/ledger.js';
import type { LossCause } from '../model/metric-sample.js';

/** The counters that make the measurement `capture`, in the order of its counts. */
const captureCounts = (from: EngineCounters): number[] => [
  from.offered_packets,
  from.captured_packets,
  from.metered_packets,
  refusedPackets(from),
  from.not_sampled_packets,
  from.records,
  from.records_dropped,
  from.flows_evicted,
  from.packets_recorded,
  from.bytes_recorded,
  from.segments_completed,
  from.segments_evicted,
];

/** Packets by the reason why they have no flow, or are not on disk. */
export const lossesOf = (from: EngineCounters): Record<LossCause, number> => ({
  kernel: from.dropped_kernel_packets,
  interface: from.dropped_interface_packets,
  workers: from.digests_lost,
  not_sampled: from.not_sampled_packets,
  refused: refusedPackets(from),
  not_recorded: from.packets_not_recorded,
  disk: from.packets_lost_to_disk,
});

export interface CounterDeltas {
  capture: number[];
  loss: [cause: LossCause, packets: number][];
}

/** What counters grew by since they were read last; over a capture the deltas add up to its final counters. */
export class CounterReader {
  private capture: number[] = [];
  private loss: Partial<Record<LossCause, number>> = {};

  /** A new capture counts from zero. */
  reset(): void {
    this.capture = [];
    this.loss = {};
  }

  read(counters: EngineCounters): CounterDeltas {
    const capture = captureCounts(counters);
    const loss = lossesOf(counters);
    const deltas: CounterDeltas = {
      capture: capture.map((value, place) => value - (this.capture[place] ?? 0)),
      loss: (Object.entries(loss) as [LossCause, number][]).map(([cause, packets]) => [
        cause,
        packets - (this.loss[cause] ?? 0),
      ]),
    };
    this.capture = capture;
    this.loss = loss;
    return deltas;
  }
}
