import { parseTunnelPort, portConflict } from './tunnel-ports.js';

describe('--tunnel-port', () => {
  it('collects the ports of protocols', () => {
    const ports = parseTunnelPort('gtp_u=none', parseTunnelPort('vxlan=4789,14789,4789'));
    expect(ports).toEqual({ vxlan: [4_789, 14_789], gtp_u: [] });
    expect(parseTunnelPort('vxlan=5', ports)).toEqual({ vxlan: [5], gtp_u: [] });
    expect(portConflict(ports)).toBeNull();
    expect(portConflict(undefined)).toBeNull();
  });

  it.each([
    ['vxlan', /expected a protocol and its ports, such as vxlan=4789,8472/],
    ['vxlam=1', /"vxlam" has no ports; did you mean vxlan\?/],
    ['zzzzzzzzz=1', /these have: lisp, lisp_control, vxlan/],
    ['vxlan=', /expected ports from 1 to 65535 with commas, or none, got ""/],
    ['vxlan=0', /got "0"/],
    ['vxlan=65536', /got "65536"/],
    ['vxlan=1;2', /got "1;2"/],
    [`vxlan=${Array.from({ length: 17 }, (_, index) => index + 1).join(',')}`, /more than 16 ports/],
  ])('refuses %s', (text, message) => {
    expect(() => parseTunnelPort(text)).toThrow(message);
  });

  it('says which protocols would have a port in common', () => {
    expect(portConflict(parseTunnelPort('vxlan=6081'))).toBe(
      'port 6081 would be that of vxlan and of geneve: give one of them other ports, or none',
    );
  });
});
