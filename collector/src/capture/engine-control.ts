import type { Engine } from '@wireglass/native';

/** The part of the native engine that capture control needs; `FakeEngine` has it too. */
export type EngineControl = Pick<
  Engine,
  'start' | 'stop' | 'finished' | 'status' | 'counters' | 'subscribeIntervals'
>;
