import { Engine, type Conversations, type EngineCounters, type EngineFailure } from '@wireglass/native';

export interface Metered {
  counters: EngineCounters;
  conversations: Conversations;
  failures: EngineFailure[];
}

/** Meters capture files from beginning to end, in this process. A file that is refused at once is a failure, too. */
export async function meterFiles(paths: string[], recordTo?: string): Promise<Metered> {
  const engine = Engine.shared();
  try {
    await engine.start({
      source: { kind: 'files', paths },
      countConversations: true,
      ...(recordTo === undefined ? {} : { recording: { directory: recordTo, sensor: 7 } }),
    });
    await engine.finished();
  } catch (error) {
    const { code, message } = error as EngineFailure;
    if (typeof code !== 'string') throw error;
    return { counters: noPackets, conversations: noConversations, failures: [{ code, message }] };
  }
  return {
    counters: engine.counters(),
    conversations: engine.conversations(),
    failures: engine.status().failures,
  };
}

const none = { tcp: 0, udp: 0, sctp: 0 };
const noConversations: Conversations = { outer: none, inner: none };
const noPackets = {
  captured_packets: 0,
  captured_bytes: 0,
  metered_packets: 0,
  refused_packets: {},
  unfollowed_packets: {},
} as EngineCounters;

/** Packets of all refusal reasons together. */
export function refusedTotal(counters: EngineCounters): number {
  return Object.values(counters.refused_packets).reduce((sum, packets) => sum + packets, 0);
}
