import { NativeError } from './errors.js';

/** A check of one argument: throws NativeError `bad_argument` that says which and what was expected. */
export type Check = (name: string, value: unknown) => void;

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  return String(value);
}

export function badArgument(name: string, expected: string, value: unknown): NativeError {
  return new NativeError('bad_argument', `${name}: expected ${expected}, got ${show(value)}.`);
}

export function integer(minimum: number, maximum: number): Check {
  return (name, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
      throw badArgument(name, `a whole number from ${minimum} to ${maximum}`, value);
    }
  };
}

export function number(minimum: number, maximum: number): Check {
  return (name, value) => {
    if (typeof value !== 'number' || !(value >= minimum && value <= maximum)) {
      throw badArgument(name, `a number from ${minimum} to ${maximum}`, value);
    }
  };
}

export function bigint(minimum: bigint, maximum: bigint): Check {
  return (name, value) => {
    if (typeof value !== 'bigint' || value < minimum || value > maximum) {
      throw badArgument(name, `a bigint from ${minimum}n to ${maximum}n`, value);
    }
  };
}

export const boolean: Check = (name, value) => {
  if (typeof value !== 'boolean') throw badArgument(name, 'true or false', value);
};

/** Any string. */
export const string: Check = (name, value) => {
  if (typeof value !== 'string') throw badArgument(name, 'a string', value);
};

/** A string for the file system or a device: not empty, without NUL. */
export const nonEmptyString: Check = (name, value) => {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw badArgument(name, 'a non-empty string', value);
  }
};

export function oneOf(values: readonly string[]): Check {
  const expected = `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  return (name, value) => {
    if (typeof value !== 'string' || !values.includes(value)) throw badArgument(name, expected, value);
  };
}

export function nonEmptyStrings(maximum: number): Check {
  return (name, value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > maximum) {
      throw badArgument(name, `an array of 1 to ${maximum} strings`, value);
    }
    value.forEach((item, index) => nonEmptyString(`${name}[${index}]`, item));
  };
}

interface Shape {
  required?: Record<string, Check>;
  optional?: Record<string, Check>;
}

/** An options object with these properties and no others. */
export function object({ required = {}, optional = {} }: Shape): Check {
  const known = [...Object.keys(required), ...Object.keys(optional)];
  return (name, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw badArgument(name, 'an object', value);
    }
    const properties = value as Record<string, unknown>;
    for (const key of Object.keys(properties)) {
      if (!known.includes(key)) {
        throw new NativeError('bad_argument', `${name}.${key} is unknown; known are ${known.join(', ')}.`);
      }
    }
    for (const [key, check] of Object.entries(required)) check(`${name}.${key}`, properties[key]);
    for (const [key, check] of Object.entries(optional)) {
      if (properties[key] !== undefined) check(`${name}.${key}`, properties[key]);
    }
  };
}
