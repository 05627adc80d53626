/** Items that are kept of a list of sums. */
export const maxItemsOfSums = { minute: 50, hour: 100 } as const;

/**
 * SQL that merges heaviest lists which fall in the same bucket. A value that a list does not name can have had that
 * list's others_at_most, so that its upper bound and its error grow by it (Space-Saving's merge). Items are ordered by
 * what they had at least; what is beyond `limit` raises others_at_most.
 *
 * @param rows SELECT of heaviestColumns without batch, and of `bucket`
 */
export const mergedLists = (rows: string, limit: number): string => `
  WITH part AS (${rows}),
  lists AS (
    SELECT bucket, dimension, max(interval_ms) AS interval_ms,
           sum(others_at_most) FILTER (place = 0)::BIGINT AS others
    FROM part GROUP BY bucket, dimension),
  found AS (
    SELECT bucket, dimension, value, peer, sum(bytes)::BIGINT AS bytes, sum(packets)::BIGINT AS packets,
           sum(error)::BIGINT AS error, sum(others_at_most)::BIGINT AS own_others
    FROM part WHERE value IS NOT NULL GROUP BY bucket, dimension, value, peer),
  bounded AS (
    SELECT bucket, dimension, interval_ms, value, peer, packets, others,
           coalesce(bytes, 0) + others - coalesce(own_others, others) AS bytes,
           coalesce(error, 0) + others - coalesce(own_others, others) AS error
    FROM lists LEFT JOIN found USING (bucket, dimension)),
  placed AS (
    SELECT *, row_number() OVER (
      PARTITION BY bucket, dimension ORDER BY bytes - error DESC, bytes DESC, value, peer) - 1 AS place
    FROM bounded),
  closed AS (
    SELECT *, greatest(others, coalesce(max(bytes) FILTER (place >= ${limit})
      OVER (PARTITION BY bucket, dimension), 0)) AS others_at_most
    FROM placed)
  SELECT bucket, interval_ms, dimension, place::INTEGER AS place, value, peer, bytes,
         coalesce(packets, 0) AS packets, error, others_at_most
  FROM closed WHERE place < ${limit}`;
