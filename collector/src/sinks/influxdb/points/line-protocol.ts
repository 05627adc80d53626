/**
 * InfluxDB line protocol (docs.influxdata.com, "Line protocol reference" of 1.x, 2.x and 3.x):
 *
 *     measurement[,tag=value…] field=value[,field=value…] time
 *
 * Special characters: commas and spaces in a measurement, commas, spaces and equals signs in keys and tag values are
 * escaped by a backslash, quotes and backslashes in the text of a field likewise. What the protocol has no way to say
 * (a newline in a tag value, a backslash at its end; lines are also what a batch is split by) is percent-encoded, and
 * so is the percent sign, so that every text comes back as it was: see plainText.
 */

/** bigint: an integer of 64 bits, number: a float */
export type FieldValue = bigint | number | string | boolean;

export interface Point {
  measurement: string;
  tags: Readonly<Record<string, string>>;
  /** one at least */
  fields: Readonly<Record<string, FieldValue>>;
  timeNs: bigint;
}

/** Why a point has no line. */
export class PointRefused extends Error {}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** The two lowest and the highest number are the servers' own (models.MinNanoTime, MaxNanoTime of 1.x). */
const minTimeNs = minInt64 + 2n;
const maxTimeNs = maxInt64 - 1n;
/** Both of 1.x: the length of a series key (models.MaxKeyLength), and what a text may have to be indexed. */
const maxKeyBytes = 65_535;
const maxTextBytes = 65_535;

/** A text as it is written: no control characters, backslashes or halves of characters. */
export const writtenText = (text: string): string =>
  text.replace(/\p{Cs}/gu, '\ufffd').replace(/[%\\\p{Cc}\u2028\u2029]/gu, encodeURIComponent);

/** The text that writtenText was given. */
export function plainText(written: string): string {
  return written.replace(/(?:%[0-9A-F]{2})+/g, (codes) => {
    try {
      return decodeURIComponent(codes);
    } catch {
      return codes;
    }
  });
}

const keyOrTagValue = (text: string): string => writtenText(text).replace(/[,= ]/g, '\\$&');
const measurementText = (text: string): string => writtenText(text).replace(/[, ]/g, '\\$&');

function fieldText(name: string, value: FieldValue): string {
  switch (typeof value) {
    case 'bigint':
      if (value < minInt64 || value > maxInt64)
        throw new PointRefused(`field ${name}: ${value} has not 64 bits`);
      return `${value}i`;
    case 'number':
      if (!Number.isFinite(value)) throw new PointRefused(`field ${name}: ${value} is no number`);
      return String(value);
    case 'boolean':
      return String(value);
    case 'string': {
      const text = writtenText(value).replace(/["\\]/g, '\\$&');
      if (Buffer.byteLength(text) > maxTextBytes)
        throw new PointRefused(`field ${name}: a text of ${Buffer.byteLength(text)} bytes`);
      return `"${text}"`;
    }
  }
}

/** The measurement with its tags: sorted by key, as the server indexes them; a tag without a value is absent. */
export function seriesKey(measurement: string, tags: Readonly<Record<string, string>>): string {
  let key = measurementText(measurement);
  if (key === '') throw new PointRefused('the measurement has no name');
  for (const name of Object.keys(tags).sort()) {
    const value = tags[name] ?? '';
    if (value !== '') key += `,${keyOrTagValue(name)}=${keyOrTagValue(value)}`;
  }
  if (Buffer.byteLength(key) > maxKeyBytes)
    throw new PointRefused(
      `measurement and tags have ${Buffer.byteLength(key)} bytes; ${maxKeyBytes} are possible`,
    );
  return key;
}

/** A point as a line without its end. Throws PointRefused. */
export function lineOf({ measurement, tags, fields, timeNs }: Point): string {
  if (timeNs < minTimeNs || timeNs > maxTimeNs) throw new PointRefused(`time ${timeNs} has not 64 bits`);
  const values = Object.entries(fields).map(
    ([name, value]) => `${keyOrTagValue(name)}=${fieldText(name, value)}`,
  );
  if (values.length === 0) throw new PointRefused(`${measurement}: a point without a field`);
  return `${seriesKey(measurement, tags)} ${values.join(',')} ${timeNs}`;
}
