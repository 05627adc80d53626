/** A point as a strict server reads it: every character of the line was accounted for. */
export interface ReadPoint {
  measurement: string;
  tags: Record<string, string>;
  /** with their type: `i`, `f`, `s`, `b` */
  fields: Record<string, { type: string; value: string }>;
  time: bigint;
  /** measurement and tags */
  series: string;
}

const int64 = (text: string): boolean => {
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
};

/**
 * Reads one line of line protocol as its reference describes it, more strictly than any server: only the documented
 * escapes, tags sorted, none empty or twice, a time stamp. Throws what is wrong.
 */
export function readLine(line: string): ReadPoint {
  let place = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${place}`);
  };
  /** Text up to one of `ends`; a backslash stands only in front of a character of `escapable`. */
  const text = (ends: string, escapable: string): string => {
    let read = '';
    for (; place < line.length && !ends.includes(line[place] ?? ''); place += 1) {
      const letter = line[place] ?? '';
      if (letter === '\\') {
        place += 1;
        if (!escapable.includes(line[place] ?? '\0')) fail('a backslash that escapes nothing');
      } else if (letter < ' ' || escapable.includes(letter)) fail('a character that must be escaped');
      read += line[place];
    }
    return read === '' ? fail('an empty text') : read;
  };
  const quoted = (): string => {
    let read = '';
    for (place += 1; line[place] !== '"'; place += 1) {
      if (place >= line.length) fail('a text without end');
      if (line[place] === '\\' && !'"\\'.includes(line[(place += 1)] ?? '\0'))
        fail('a backslash that escapes nothing');
      read += line[place];
    }
    place += 1;
    return read;
  };
  if (line.startsWith('#')) fail('a comment');
  const measurement = text(', ', ', ');
  const tags: Record<string, string> = {};
  let before = '';
  while (line[place] === ',') {
    place += 1;
    const key = text('=', ',= ');
    if (key <= before) fail(`the tag ${key} out of order`);
    before = key;
    place += 1;
    tags[key] = text(', ', ',= ');
  }
  const series = line.slice(0, place);
  const fields: ReadPoint['fields'] = {};
  do {
    if (line[place] !== (Object.keys(fields).length === 0 ? ' ' : ',')) fail('no field');
    place += 1;
    const key = text('=', ',= ');
    if (key in fields) fail(`the field ${key} twice`);
    place += 1;
    if (line[place] === '"') fields[key] = { type: 's', value: quoted() };
    else {
      const value = /^[^, ]+/.exec(line.slice(place))?.[0] ?? fail('no value');
      place += value.length;
      if (/^-?\d+i$/.test(value) && int64(value.slice(0, -1)))
        fields[key] = { type: 'i', value: value.slice(0, -1) };
      else if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(value)) fields[key] = { type: 'f', value };
      else if (/^(true|false)$/.test(value)) fields[key] = { type: 'b', value };
      else fail(`the value ${value}`);
    }
  } while (line[place] === ',');
  const time = /^ (-?\d+)$/.exec(line.slice(place))?.[1];
  if (time === undefined || !int64(time)) return fail('no time stamp');
  return { measurement, tags, fields, time: BigInt(time), series };
}
