import type { EngineCounters } from '@wireglass/native';
import type { CaptureMetrics } from '../../capture/capture-control.js';
import { figures, one, rowsBy, type Figures, type MetricDefinition } from '../metric-definition.js';

const counters: Figures<EngineCounters> = [
  [
    'capture_offered_packets',
    'Packets that the kernel or driver counted behind the capture filter, drops included.',
    (from) => from.offered_packets,
  ],
  ['capture_packets', 'Packets handed to the decoder.', (from) => from.captured_packets],
  ['capture_bytes', 'Bytes of those packets on the wire.', (from) => from.captured_bytes],
  ['capture_ring_freezes', 'Times the kernel found the capture ring full.', (from) => from.ring_freezes],
  ['meter_packets', 'Packets metered into flows.', (from) => from.metered_packets],
  ['meter_ip_bytes', 'IP octets of the metered packets.', (from) => from.metered_ip_bytes],
  ['meter_not_sampled_packets', 'Packets that sampling left out.', (from) => from.not_sampled_packets],
  [
    'meter_digests_lost',
    'Packets lost between workers, the owner of their flow being too far behind.',
    (from) => from.digests_lost,
  ],
  ['meter_outer_packets', 'Packets of outer flows, in no total.', (from) => from.outer_packets],
  ['meter_outer_bytes', 'IP octets of outer flows, in no total.', (from) => from.outer_bytes],
  ['meter_flows_created', 'Flows seen.', (from) => from.flows_created],
  ['meter_flows_evicted', 'Flows closed early because the cache was full.', (from) => from.flows_evicted],
  [
    'meter_fragments_learned',
    'First fragments of datagrams, whose ports their later ones get.',
    (from) => from.fragments_learned,
  ],
  [
    'meter_fragments_resolved',
    'Later fragments that joined the flow of their first.',
    (from) => from.fragments_resolved,
  ],
  [
    'meter_fragments_unresolved',
    'Later fragments metered without ports: their first was not seen, or came later.',
    (from) => from.fragments_unresolved,
  ],
  [
    'meter_fragments_replaced',
    'Datagrams forgotten early because the fragment table was full.',
    (from) => from.fragments_replaced,
  ],
  [
    'meter_fragments_conflicting',
    'First fragments that contradict an earlier one of their datagram.',
    (from) => from.fragments_conflicting,
  ],
  ['meter_records', 'Flow records closed.', (from) => from.records],
  [
    'meter_paths_refused',
    'Flows metered without MACs and outer addresses, as too many of these are in use.',
    (from) => from.paths_refused,
  ],
  [
    'meter_application_strings_refused',
    'Application fields left empty for want of room.',
    (from) => from.application_strings_refused,
  ],
  [
    'meter_application_strings_cut',
    'Application fields cut to 255 bytes.',
    (from) => from.application_strings_cut,
  ],
  ['meter_classifications', 'Flows whose application nDPI named.', (from) => from.classifications],
  [
    'meter_classifications_refused',
    'Flows that nDPI did not see for want of room.',
    (from) => from.classifications_refused,
  ],
  [
    'meter_records_dropped',
    'Flow records lost because the queue to the store was full.',
    (from) => from.records_dropped,
  ],
  [
    'meter_interval_reports_dropped',
    'Interval reports lost because their queue was full.',
    (from) => from.interval_reports_dropped,
  ],
  ['recording_packets', 'Packets written to segments.', (from) => from.packets_recorded],
  ['recording_bytes', 'Captured bytes written to segments.', (from) => from.bytes_recorded],
  ['recording_lost_packets', 'Packets that the disk did not take.', (from) => from.packets_lost_to_disk],
  ['recording_skipped_packets', 'Packets not recorded by policy.', (from) => from.packets_not_recorded],
  ['recording_segments_completed', 'Segments completed.', (from) => from.segments_completed],
  ['recording_segments_evicted', 'Segments removed to make room.', (from) => from.segments_evicted],
];

const reasons: readonly (readonly [
  name: string,
  help: string,
  read: (from: EngineCounters) => Record<string, number>,
])[] = [
  ['meter_refused_packets', 'Packets that make no flow.', (from) => from.refused_packets],
  ['meter_records_ended', 'Flow records closed, by end reason.', (from) => from.records_by_reason],
  [
    'meter_application_gave_up',
    'Application messages that were not read to their end.',
    (from) => from.application_gave_up,
  ],
  [
    'meter_unfollowed_packets',
    'Metered packets of a tunnel whose inside was not followed.',
    (from) => from.unfollowed_packets,
  ],
];

/** Counters of all captures since the service began, and the state of the running one. */
export function engineMetrics(
  captures: () => number,
  life: () => EngineCounters,
  capture: () => CaptureMetrics,
): MetricDefinition[] {
  const now = () => capture().counters;
  return [
    ...figures('counter', captures, [['captures_started', 'Captures started.', (from) => from]]),
    ...figures('counter', life, counters),
    {
      kind: 'counter',
      name: 'capture_dropped_packets',
      help: 'Packets lost before they were read.',
      labels: ['cause'],
      read: () => {
        const { dropped_kernel_packets, dropped_interface_packets } = life();
        return rowsBy('cause', { kernel: dropped_kernel_packets, interface: dropped_interface_packets });
      },
    },
    ...reasons.map(([name, help, read]): MetricDefinition => ({
      kind: 'counter',
      name,
      help,
      labels: ['reason'],
      read: () => rowsBy('reason', read(life())),
    })),
    ...figures('gauge', now, [
      ['meter_flows', 'Flows in the cache.', (from) => from.flows_live],
      ['capture_ring_packets', 'Packets offered that are not metered yet.', (from) => from.packets_in_ring],
      ['recording_buffered_packets', 'Packets that wait to be written.', (from) => from.packets_buffered],
    ]),
    {
      kind: 'gauge',
      name: 'capture_running',
      help: '1 while a capture runs.',
      labels: [],
      read: () => one(capture().state === 'running' ? 1 : 0),
    },
    {
      kind: 'gauge',
      name: 'ledger_difference_packets',
      help: 'Packets that a ledger equation of the running or last capture misses.',
      labels: ['equation'],
      read: () => {
        const { metering, recording } = capture().ledger;
        return rowsBy('equation', { metering: metering.difference, recording: recording.difference });
      },
    },
  ];
}
