import { execFileSync } from 'node:child_process';

/** Two network namespaces joined by a veth pair: what is sent on `senderInterface` arrives on `sensorInterface`. */
export class NamespacePair {
  readonly sender: string;
  readonly sensor: string;
  readonly senderInterface = 'wgtx';
  readonly sensorInterface = 'wgrx';

  constructor() {
    const tag = `${process.pid}-${Date.now() % 100_000}`;
    this.sender = `wgs${tag}`;
    this.sensor = `wgr${tag}`;
  }

  create(): void {
    const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
    for (const name of [this.sender, this.sensor]) {
      ip('netns', 'add', name);
      // No neighbour discovery between the frames that are counted.
      execFileSync('ip', [
        'netns',
        'exec',
        name,
        'sh',
        '-c',
        'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6',
      ]);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip(
      '-n',
      this.sender,
      'link',
      'add',
      this.senderInterface,
      'type',
      'veth',
      'peer',
      'name',
      this.sensorInterface,
    );
    ip('-n', this.sender, 'link', 'set', this.sensorInterface, 'netns', this.sensor);
    ip('-n', this.sender, 'link', 'set', this.senderInterface, 'up');
    ip('-n', this.sensor, 'link', 'set', this.sensorInterface, 'up');
  }

  remove(): void {
    for (const name of [this.sender, this.sensor]) {
      try {
        execFileSync('ip', ['netns', 'delete', name], { stdio: 'pipe' });
      } catch {
        // it was never made
      }
    }
  }
}

/** The command that runs a program inside a namespace; the program itself without one. */
export function inside(namespace: string | undefined, program: string, args: string[]): [string, string[]] {
  return namespace === undefined ? [program, args] : ['ip', ['netns', 'exec', namespace, program, ...args]];
}
