import { ConsoleLog } from './console-log.js';
import { readinessReport } from './readiness.js';

describe('readinessReport', () => {
  it('is ready when every part is, with their remarks', async () => {
    expect(await readinessReport({ store: async () => null, audit: () => 'chain broken' })).toEqual({
      ready: true,
      checks: { store: { ready: true, detail: 'ok' }, audit: { ready: true, detail: 'chain broken' } },
    });
  });

  it('says which part is not, also when it throws at once or never answers', async () => {
    const report = await readinessReport({
      store: () => Promise.reject(new Error('is being opened')),
      engine: () => {
        throw new Error('missing');
      },
      packets: () => new Promise(() => undefined),
      audit: () => null,
    });
    expect(report.ready).toBe(false);
    expect(report.checks).toEqual({
      store: { ready: false, detail: 'is being opened' },
      engine: { ready: false, detail: 'missing' },
      packets: { ready: false, detail: 'no answer within 2000 ms' },
      audit: { ready: true, detail: 'ok' },
    });
  });
});

describe('ConsoleLog', () => {
  it('writes what its level lets through, one line each, whatever the message holds', () => {
    const lines: string[] = [];
    const log = new ConsoleLog('info', (line) => lines.push(line));
    log.debug('hidden');
    log.info('started', { interface: 'eth0', packets: 3, missing: undefined });
    log.error('bad\n2026 info forged', { path: 'a b\u2028c' });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\S+Z info {2}started interface=eth0 packets=3\n$/);
    expect(lines[1]).toMatch(/^\S+Z error bad 2026 info forged path="a b c"\n$/);
  });

  it('says nothing when silent', () => {
    const lines: string[] = [];
    new ConsoleLog('silent', (line) => lines.push(line)).error('x');
    expect(lines).toEqual([]);
  });
});
