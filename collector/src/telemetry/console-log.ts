import type { Log, LogFields } from '../model/log.js';

const levels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof levels)[number];

/** One line per event on standard error: time, level, message, fields as key=value. */
export class ConsoleLog implements Log {
  constructor(
    private readonly level: LogLevel,
    private readonly write: (line: string) => void = (line) => void process.stderr.write(line),
  ) {}

  error(message: string, fields?: LogFields): void {
    this.say('error', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.say('warn', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.say('info', message, fields);
  }
  debug(message: string, fields?: LogFields): void {
    this.say('debug', message, fields);
  }

  private say(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (levels.indexOf(level) > levels.indexOf(this.level)) return;
    const pairs = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}=${typeof value === 'string' ? quoted(value) : String(value)}`);
    // A message may hold what a client sent: it must not be able to begin a line of its own.
    this.write(`${new Date().toISOString()} ${level.padEnd(5)} ${oneLine(message)}${pairs.join('')}\n`);
  }
}

function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

function quoted(text: string): string {
  return /^[\w.:@/%+-]+$/.test(text) ? text : JSON.stringify(oneLine(text));
}
