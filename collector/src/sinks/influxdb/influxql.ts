/** A name (database, policy, measurement, field, tag key) in InfluxQL. */
export const identifier = (name: string): string =>
  `"${name.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

/** A text (value of a tag) in InfluxQL. */
export const textLiteral = (text: string): string =>
  `'${text.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`;

/** A time. */
export const timeLiteral = (timeMs: number): string => `${timeMs}ms`;
