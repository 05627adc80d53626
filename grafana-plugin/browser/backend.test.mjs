// The plugin's backend as a program, over gRPC: roles, downloads, memory.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startCollector, startHost } from './harness.mjs';

const settings = (url, token) => ({ url, jsonData: {}, secureJsonData: { apiToken: token } });

describe('the backend as Grafana runs it', () => {
  let host;
  before(async () => {
    host = await startHost();
  });
  after(() => host?.end());

  it('lets editors download packets that other programs read, and viewers not', async () => {
    const collector = await startCollector();
    try {
      await host.configure(settings(collector.url, collector.token('operator')));
      const refused = await host.resource('packets/download/pcap?count=20', { role: 'Viewer' });
      assert.equal(refused.status, 403);
      assert.equal((await refused.json()).code, 'role_insufficient');
      const download = await host.resource('packets/download/pcap?count=20', { role: 'Editor' });
      assert.equal(download.status, 200);
      assert.match(
        download.headers.get('content-disposition'),
        /^attachment; filename="packets_\d{8}_\d{6}\.pcap"$/,
      );
      const bytes = Buffer.from(await download.arrayBuffer());
      assert.equal(bytes.length, Number(download.headers.get('content-length')));
      assert.equal(packetsIn(bytes), 20);
      const preview = await host.resource('packets/export/preview?filter=tcp', { role: 'Editor' });
      const { packets } = await preview.json();
      const all = await host.resource('packets/export?format=pcap&filter=tcp', { role: 'Editor' });
      assert.equal(packetsIn(Buffer.from(await all.arrayBuffer())), packets);
      assert.ok(packets > 20);
    } finally {
      await collector.end();
    }
    const gone = await host.resource('capture/status', { role: 'Viewer' });
    assert.equal(gone.status, 502);
    assert.match((await gone.json()).detail, /connection refused; is it running/);
  });

  it('passes two gigabytes in less than 64 MiB of memory', async () => {
    const total = 2 ** 31;
    const block = Buffer.alloc(1 << 20, 7);
    const server = createServer(async (_, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.tcpdump.pcap', 'content-length': total });
      for (let sent = 0; sent < total; sent += block.length) {
        if (!response.write(block)) await once(response, 'drain');
      }
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await host.configure(settings(`http://127.0.0.1:${server.address().port}`, 'wg_x'));
      const download = await host.resource('packets/download/pcap', { role: 'Editor' });
      let bytes = 0;
      for await (const chunk of download.body) bytes += chunk.length;
      assert.equal(bytes, total);
      const peakKb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${host.pid}/status`, 'utf8'))[1]);
      assert.ok(peakKb < 64 * 1024, `the backend had ${Math.round(peakKb / 1024)} MiB in memory at its peak`);
    } finally {
      server.close();
    }
  });
});

/** Packets as capinfos counts them. */
function packetsIn(bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'wireglass-pcap-'));
  try {
    const file = join(folder, 'download.pcap');
    writeFileSync(file, bytes);
    const { stdout, stderr } = spawnSync('capinfos', ['-M', '-c', file], { encoding: 'utf8' });
    return Number(
      /Number of packets:\s+(\d+)/.exec(stdout)?.[1] ?? assert.fail(`capinfos: ${stdout}${stderr}`),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
