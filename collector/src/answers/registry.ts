import { captureHealth } from './capture-health.js';
import { captures } from './captures.js';
import { events } from './events.js';
import { flows } from './flows.js';
import { packets } from './packets.js';
import type { QueryType } from './query-type.js';
import { timeseries } from './timeseries.js';
import { top } from './top.js';
import { topology } from './topology.js';

/** All types of query, by name. */
export const queryTypes: ReadonlyMap<string, QueryType> = new Map(
  [timeseries, top, flows, topology, packets, captures, events, captureHealth].map((type) => [
    type.name,
    type,
  ]),
);
