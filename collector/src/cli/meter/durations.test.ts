import { formatDuration, parseDuration, timeoutsWithin } from './durations.js';

describe('durations', () => {
  it.each<[string, number, string]>([
    ['15', 15_000, '15s'],
    ['15s', 15_000, '15s'],
    ['0.1', 100, '100ms'],
    ['1.1', 1_100, '1.1s'],
    ['1.5m', 90_000, '90s'],
    ['5m', 300_000, '5m'],
    ['24h', 86_400_000, '24h'],
    ['250ms', 250, '250ms'],
  ])('reads %s as %i ms and writes it as %s', (text, ms, written) => {
    expect(parseDuration(text)).toBe(ms);
    expect(formatDuration(ms)).toBe(written);
    expect(parseDuration(written)).toBe(ms);
  });

  it.each(['', 's', '-1', '1d', '1.5ms', '1e3', ' 1', '1 s', '0.0001', '1.1234'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeNull(),
  );
});

describe('timeouts', () => {
  const parse = timeoutsWithin(100, 86_400_000);

  it.each<[string, object]>([
    ['15', { all: 15_000, byProtocol: {} }],
    ['tcp=300s,udp=30s,icmp=5s', { byProtocol: { tcp: 300_000, udp: 30_000, icmp: 5_000 } }],
    ['15s,TCP=5m', { all: 15_000, byProtocol: { tcp: 300_000 } }],
    ['other=1h', { byProtocol: { other: 3_600_000 } }],
  ])('reads %s', (text, timeouts) => expect(parse(text)).toEqual(timeouts));

  it('adds a second option to the first', () => {
    expect(parse('udp=30s', parse('tcp=5m,udp=1s'))).toEqual({ byProtocol: { tcp: 300_000, udp: 30_000 } });
  });

  it.each<[string, RegExp]>([
    ['0', /from 100ms to 24h such as 90s, 5m or tcp=300s, got "0"/],
    ['25h', /from 100ms to 24h/],
    ['tcp=', /got "tcp="/],
    ['tcp=1s,', /got ""/],
    ['sctp=1s', /"sctp" is no protocol with a timeout; there are tcp, udp, icmp, other/],
    ['tcp=1s=2s', /got "tcp=1s=2s"/],
  ])('refuses %s', (text, message) => expect(() => parse(text)).toThrow(message));
});
