import { isLoopbackAddress, isLoopbackHostHeader } from './loopback.js';

describe('isLoopbackAddress', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost', '::ffff:127.0.0.1'])('%s is', (host) => {
    expect(isLoopbackAddress(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'example.org', ''])('%p is not', (host) => {
    expect(isLoopbackAddress(host)).toBe(false);
  });
});

describe('isLoopbackHostHeader', () => {
  it.each([
    'localhost',
    'LOCALHOST:8000',
    'localhost.',
    '127.0.0.1:8000',
    '[::1]:8000',
    '[::1]',
    'a.localhost:1',
  ])('accepts %s', (header) => expect(isLoopbackHostHeader(header)).toBe(true));
  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:8000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'notlocalhost',
    '10.0.0.1:8000',
    '::1',
    '[::1',
    'localhost:8000:1',
    'localhost@evil.example',
  ])('refuses %p', (header) => expect(isLoopbackHostHeader(header)).toBe(false));
});
