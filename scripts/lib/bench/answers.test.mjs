// What peers print, read as they print it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTotals as readArgus } from './argus.mjs';
import { readTotals as readNfpcapd } from './nfpcapd.mjs';
import { exportedTotals } from './softflowd.mjs';
import { readTotals as readTcpdump } from './tcpdump.mjs';

test("nfdump's statistics are summed over files", () => {
  const file = (packets, bytes) =>
    `Ident: none\nFlows: 3\nPackets: ${packets}\nPackets_tcp: 1\nBytes: ${bytes}\nBytes_tcp: 7\n`;
  assert.deepEqual(readNfpcapd(file(10, 4000) + file(5, 200)), { packets: 15, octets: 4200 });
  assert.equal(readNfpcapd('nfdump: no files\n'), null);
});

test("racount's line of sums is read", () => {
  const text =
    'racount   records     total_pkts     src_pkts       dst_pkts       total_bytes        src_bytes          dst_bytes\n' +
    '    sum   24599       200000         97456          102544         62574868           30087480           32487388          \n';
  assert.deepEqual(readArgus(text), { packets: 200000, octets: 62574868 });
  assert.equal(readArgus('racount: no input\n'), null);
});

test("tcpdump's count is read, among its notices", () => {
  assert.deepEqual(readTcpdump('reading from file a.pcap, link-type EN10MB\n200000 packets\n'), {
    packets: 200000,
  });
  assert.deepEqual(readTcpdump('1 packet\n'), { packets: 1 });
  assert.equal(readTcpdump('tcpdump: a.pcap: No such file\n'), null);
});

test('export messages that the receiver lost are told', () => {
  const sums = { packets: 5, ip_bytes: 9, lost_messages: 0 };
  assert.deepEqual(exportedTotals(sums), { packets: 5, octets: 9 });
  assert.equal(exportedTotals({ ...sums, lost_messages: 2 }).lost, '2 export messages');
});
