/** A metric as an exposition tells it. */
export interface ExposedMetric {
  name: string;
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const helpLine = new RegExp(`^# HELP (${metricName}) (.+)$`);
const typeLine = new RegExp(`^# TYPE (${metricName}) (counter|gauge|histogram|summary)$`);
const sampleLine = new RegExp(`^(${metricName})(?:\\{(.*)\\})? (\\S+)$`);
const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const match = label.exec(rest);
    const [whole = '', name = '', value = ''] = match ?? [];
    if (match === null) throw new Error(`no label at "${rest}": ${line}`);
    if (name in labels) throw new Error(`label ${name} twice: ${line}`);
    labels[name] = value;
    rest = rest.slice(whole.length);
  }
  return labels;
}

function numberOf(text: string, line: string): number {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  // Prometheus reads NaN in any case, and Node.js's own metrics have "Nan"
  const special: Record<string, number> = { '+Inf': Infinity, '-Inf': -Infinity, NaN: NaN, Nan: NaN };
  const value = special[text];
  if (value === undefined) throw new Error(`"${text}" is no number: ${line}`);
  return value;
}

/**
 * Reads Prometheus' text format 0.0.4, and throws for all that it does not allow: HELP and TYPE stand once in front of a
 * metric's samples, which stand together and differ in their labels.
 */
export function readExposition(text: string): Map<string, ExposedMetric> {
  const metrics = new Map<string, ExposedMetric>();
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  let help: [name: string, help: string] | null = null;
  let current: ExposedMetric | null = null;
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const helped = helpLine.exec(line);
    const typed = typeLine.exec(line);
    if (helped !== null) help = [helped[1] ?? '', helped[2] ?? ''];
    else if (typed !== null) {
      const [, name = '', type = ''] = typed;
      if (help?.[0] !== name) throw new Error(`TYPE of ${name} does not follow its HELP`);
      if (metrics.has(name)) throw new Error(`${name} is told twice`);
      current = { name, type, help: help[1], samples: [] };
      metrics.set(name, current);
    } else {
      const [, name = '', labelText = '', value = ''] = sampleLine.exec(line) ?? [];
      if (name === '') throw new Error(`neither HELP, TYPE nor sample: ${line}`);
      if (current === null) throw new Error(`a sample before every TYPE: ${line}`);
      const allowed = (suffixes[current.type] ?? ['']).map((suffix) => `${current?.name}${suffix}`);
      if (!allowed.includes(name)) throw new Error(`${name} stands among the samples of ${current.name}`);
      const labels = labelsOf(labelText, line);
      const series = JSON.stringify([name, ...Object.entries(labels).sort()]);
      if (seen.has(series)) throw new Error(`the same series twice: ${line}`);
      seen.add(series);
      current.samples.push({ name, labels, value: numberOf(value, line) });
    }
  }
  return metrics;
}

/** What a metric breaks of the conventions of names, units and help; empty when none. */
export function breaches({ name, type, help, samples }: ExposedMetric): string[] {
  const found: string[] = [];
  if (type === 'counter' && !name.endsWith('_total')) found.push('a counter ends in _total');
  if (type !== 'counter' && /_(total|count|sum|bucket)$/.test(name)) found.push('its name is a counter’s');
  if (/_(ms|milliseconds|us|minutes|hours|days|kb|mb|kib|mib|kilobytes|bits|percent)(_|$)/.test(name))
    found.push('its unit is no base unit');
  if (/(bytes|seconds)(?!(_total)?$)/.test(name)) found.push('the unit does not end the name');
  if (!/^.+\.$/.test(help)) found.push('its help is no sentence');
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) found.push('a counter below zero');
  if (samples.some(({ labels }) => 'le' in labels && type !== 'histogram'))
    found.push('le is for histograms');
  return found.map((breach) => `${name}: ${breach}`);
}
