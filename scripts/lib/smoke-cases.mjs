// The cases of the smoke test, in the order in which they run.
import { countPcapPackets, expect, expectProblem, expectStatus, Skip } from './smoke-client.mjs';

const api = '/api/v1';
const pcapType = 'application/vnd.tcpdump.pcap';
const isLoopback = (url) => /^(localhost|127\.|\[::1\])/.test(url.hostname);
/** What POST /capture/start may answer where this host or its user cannot capture. */
const cannotCapture = new Set([
  'permission_denied',
  'backend_unavailable',
  'interface_not_found',
  'interface_down',
]);

const probes = [
  {
    name: 'GET /healthz',
    run: async (client) => {
      const answer = expectStatus(await client.ask('GET', '/healthz', { token: null }), 200);
      expect(answer.json().status === 'ok', answer.text);
    },
  },
  {
    name: 'GET /readyz',
    run: async (client) => {
      const answer = expectStatus(await client.ask('GET', '/readyz', { token: null }), 200);
      expect(answer.json().checks.flow_store.ready === true, answer.text);
    },
  },
  {
    name: 'GET /metrics',
    run: async (client) => {
      const { text } = expectStatus(client.permitted(await client.ask('GET', '/metrics')), 200);
      expect(/^wireglass_capture_packets_total \d+$/m.test(text), 'no wireglass_capture_packets_total in it');
    },
  },
  {
    name: 'GET /docs',
    run: async (client) => {
      const { text } = expectStatus(await client.ask('GET', '/docs/', { token: null }), 200);
      expect(text.includes('swagger-ui'), 'it is not the API page');
    },
  },
  {
    name: `GET ${api}/openapi.json`,
    run: async (client) => {
      const answer = expectStatus(await client.ask('GET', `${api}/openapi.json`, { token: null }), 200);
      expect(answer.json().openapi.startsWith('3.'), 'no OpenAPI 3 document');
    },
  },
  {
    name: 'an unknown address is a 404 problem',
    run: async (client) => expectProblem(await client.ask('GET', `${api}/nowhere`), 404, 'route_not_found'),
  },
  {
    name: 'no token is a 401 problem',
    run: async (client) =>
      expectProblem(await client.ask('GET', `${api}/capture/status`, { token: null }), 401, 'token_missing'),
  },
  {
    name: 'a wrong token is a 401 problem',
    run: async (client) => {
      const answer = await client.ask('GET', `${api}/capture/status`, { token: 'wg_admin_wrong' });
      expectProblem(answer, 401, 'token_invalid');
    },
  },
  {
    name: 'a foreign Host header is refused on loopback',
    run: async (client) => {
      if (!isLoopback(client.base)) throw new Skip('the service listens for other machines');
      const status = await client.askAsHost('/healthz', 'rebound.example');
      expect(status === 403, `it answered ${status}`);
    },
  },
];

const reading = [
  ...['/api/v1/capture', '/api/v1/packet_capture', '/packet_capture'].map((prefix) => ({
    name: `GET ${prefix}/status`,
    run: async (client) => {
      const { state } = await client.json(`${prefix}/status`);
      expect(typeof state === 'string', 'it has no state');
    },
  })),
  {
    name: `GET ${api}/capture/backends`,
    run: async (client) => {
      const { backends } = await client.json(`${api}/capture/backends`);
      expect(backends.length > 0, 'no backend is listed');
      for (const { name, available, reason } of backends) {
        expect(available || reason !== '', `${name} is not available and says not why`);
      }
    },
  },
  {
    name: `GET ${api}/capture/metrics`,
    run: async (client) => {
      const { ledger } = await client.json(`${api}/capture/metrics`);
      const { settled, metering, recording } = ledger;
      expect(
        !settled || (metering.holds && recording.holds),
        `the ledger does not hold: ${JSON.stringify(ledger)}`,
      );
    },
  },
  {
    name: `GET ${api}/capture/flows`,
    run: async (client) => {
      const { flows } = await client.json(`${api}/capture/flows?sort=-bytes&limit=5`);
      expect(flows.length <= 5, `${flows.length} flows came`);
      const bytes = flows.map((flow) => flow.bytes);
      expect(
        bytes.every((value, index) => index === 0 || value <= bytes[index - 1]),
        `not sorted: ${bytes}`,
      );
    },
  },
  {
    name: `GET ${api}/capture/flows by pages`,
    run: async (client) => {
      const path = `${api}/capture/flows?scope=stored&limit=2`;
      const first = await client.json(path);
      if (first.next_cursor === null) throw new Skip('fewer than three flow records are stored');
      const second = await client.json(`${path}&cursor=${encodeURIComponent(first.next_cursor)}`);
      const key = ({ flow_id, record_index }) => `${flow_id}/${record_index}`;
      const seen = new Set(first.flows.map(key));
      expect(second.flows.length > 0 && !second.flows.some((flow) => seen.has(key(flow))), 'pages overlap');
    },
  },
  {
    name: `GET ${api}/capture/flows with a filter`,
    run: async (client) => {
      const { flows } = await client.json(`${api}/capture/flows?filter=${encodeURIComponent('proto tcp')}`);
      expect(
        flows.every(({ protocol }) => protocol === 6),
        'flows came that are not TCP',
      );
    },
  },
  {
    name: 'a wrong filter is a 400 problem with its column',
    run: async (client) => {
      const path = `${api}/capture/flows?filter=${encodeURIComponent('src port and')}`;
      const answer = client.permitted(await client.ask('GET', path));
      expectProblem(answer, 400, 'bad_filter');
      expect(Number.isInteger(answer.json().column), 'no column');
    },
  },
];

async function newestPackets(client, limit) {
  const { packets } = await client.json(`${api}/packets?limit=${limit}`);
  if (packets.length === 0) throw new Skip('no packet is recorded');
  return packets;
}

async function download(client, path, name) {
  const answer = client.permitted(await client.ask('GET', path));
  expectStatus(answer, 200);
  const type = answer.headers.get('content-type');
  expect(type === pcapType, `content type ${type}`);
  const disposition = answer.headers.get('content-disposition') ?? '';
  expect(name.test(disposition), `content-disposition ${disposition}`);
  return countPcapPackets(answer.bytes);
}

const packets = [
  {
    name: `GET ${api}/packets`,
    run: async (client) => {
      const { packets: rows } = await client.json(`${api}/packets?limit=3`);
      expect(rows.length <= 3, `${rows.length} packets came`);
    },
  },
  {
    name: `GET ${api}/packets/stats`,
    run: async (client) => {
      const totals = await client.json(`${api}/packets/stats`);
      expect(Number.isInteger(totals.packets), JSON.stringify(totals));
    },
  },
  {
    name: `GET ${api}/packets/{id}`,
    run: async (client) => {
      const [{ id, captured_length: length }] = await newestPackets(client, 1);
      const detail = await client.json(`${api}/packets/${id}`);
      expect(detail.hex.length === 2 * length, `${detail.hex.length / 2} bytes, expected ${length}`);
    },
  },
  {
    name: `GET ${api}/packets/{id} of an unknown packet`,
    run: async (client) => {
      const answer = client.permitted(await client.ask('GET', `${api}/packets/1-00000000-1-0`));
      expectProblem(answer, 404, 'packet_not_found');
    },
  },
  {
    name: `GET ${api}/packets/{id}/download/pcap`,
    run: async (client) => {
      const [{ id }] = await newestPackets(client, 1);
      const count = await download(
        client,
        `${api}/packets/${id}/download/pcap`,
        /"(lisp_)?packet_.+\.pcap"$/,
      );
      expect(count === 1, `${count} packets in it`);
    },
  },
  {
    name: `GET ${api}/packets/download/pcap (default, 1 and 100)`,
    run: async (client) => {
      const { length } = await newestPackets(client, 100);
      for (const [query, most] of [
        ['', 10],
        ['?count=1', 1],
        ['?count=100', 100],
      ]) {
        const path = `${api}/packets/download/pcap${query}`;
        const count = await download(client, path, /"packets_\d{8}_\d{6}\.pcap"$/);
        // A running capture may have recorded more since the packets were listed.
        expect(
          count >= Math.min(most, length) && count <= most,
          `${path}: ${count} packets, expected ${most}`,
        );
      }
    },
  },
  {
    name: `GET ${api}/packets/download/pcap?kind=lisp`,
    run: async (client) => {
      const { packets: rows } = await client.json(`${api}/packets?kind=lisp&limit=1`);
      if (rows.length === 0) throw new Skip('no LISP packet is recorded');
      const path = `${api}/packets/download/pcap?kind=lisp&count=5`;
      expect((await download(client, path, /"lisp_packets_\d{8}_\d{6}\.pcap"$/)) > 0, 'it is empty');
    },
  },
  {
    name: `GET ${api}/packets/export of what a filter passes, and its preview`,
    run: async (client) => {
      const [{ time_ns: to }] = await newestPackets(client, 1);
      const range = `to=${to}&limit=100&filter=${encodeURIComponent('ip or ip6')}`;
      const told = await client.json(`${api}/packets/export/preview?${range}`);
      const name = /"packets_\d{8}_\d{6}\.pcap"$/;
      const count = await download(client, `${api}/packets/export?format=pcap&${range}`, name);
      // the oldest segment may be evicted between the two
      expect(
        !told.exact || count <= Math.max(told.packets, 100),
        `${count} packets, told were ${told.packets}`,
      );
    },
  },
  {
    name: 'count 0, 101 and abc are 400 problems',
    run: async (client) => {
      for (const count of ['0', '101', 'abc']) {
        const answer = await client.ask('GET', `${api}/packets/download/pcap?count=${count}`);
        expectProblem(client.permitted(answer), 400, 'bad_request');
      }
    },
  },
];

async function noCaptureRuns(client) {
  const { state, settings } = await client.json(`${api}/capture/status`);
  if (state === 'idle' || state === 'finished' || state === 'failed') return;
  throw new Skip(`the capture of ${settings?.source.kind ?? 'something'} is ${state} and is left alone`);
}

const control = [
  {
    name: `POST ${api}/capture/start refuses unknown keys`,
    run: async (client) => {
      const answer = await client.ask('POST', `${api}/capture/start`, { body: { interfase: 'lo' } });
      expectProblem(client.permitted(answer), 400, 'bad_request');
      expect(answer.json().detail.includes('interfase'), answer.json().detail);
    },
  },
  {
    name: `POST ${api}/capture/start of an unknown interface`,
    run: async (client) => {
      await noCaptureRuns(client);
      const body = { interface: 'wg-nowhere0' };
      const answer = client.permitted(await client.ask('POST', `${api}/capture/start`, { body }));
      const { code } = answer.json();
      if (code === 'permission_denied' || code === 'backend_unavailable')
        throw new Skip(answer.json().detail);
      expectProblem(answer, 404, 'interface_not_found');
    },
  },
  {
    name: `POST ${api}/capture/start and stop on lo`,
    run: async (client) => {
      await noCaptureRuns(client);
      const body = { interface: 'lo', buffer_size_mb: 8, record: false, duration_s: 30 };
      const start = client.permitted(await client.ask('POST', `${api}/capture/start`, { body }));
      if (start.status !== 200 && cannotCapture.has(start.json().code)) throw new Skip(start.json().detail);
      expectStatus(start, 200);
      expectProblem(await client.ask('POST', `${api}/capture/start`, { body }), 409, 'capture_running');
      const stop = expectStatus(await client.ask('POST', `${api}/capture/stop`), 200).json();
      expect(stop.ledger.metering.holds, `the ledger does not hold: ${JSON.stringify(stop.ledger)}`);
    },
  },
  {
    name: `POST ${api}/capture/stop when nothing runs`,
    run: async (client) => {
      await noCaptureRuns(client);
      const answer = client.permitted(await client.ask('POST', `${api}/capture/stop`));
      expectProblem(answer, 409, 'capture_not_running');
    },
  },
  {
    name: `POST ${api}/capture/flow/meter/enable`,
    run: async (client) => {
      const status = await client.json(`${api}/capture/status`);
      const body = { max_flows: status.next_meter.max_flows };
      const path = `${api}/capture/flow/meter/enable`;
      const answer = expectStatus(client.permitted(await client.ask('POST', path, { body })), 200);
      expect(answer.json().applies === 'next_start', answer.text);
      expectProblem(await client.ask('POST', path, { body: { max_flows: 1 } }), 400, 'bad_request');
    },
  },
  {
    name: `GET ${api}/audit`,
    run: async (client) => {
      const { entries } = await client.json(`${api}/audit?limit=5`);
      expect(entries.length > 0, 'it is empty');
    },
  },
];

const queries = [
  {
    name: `POST ${api}/query answers data frames`,
    run: async (client) => {
      const types = ['timeseries', 'top', 'flows', 'topology'];
      const body = { from: 'now-5m', to: 'now', queries: types.map((type) => ({ refId: type, type })) };
      const answer = expectStatus(client.permitted(await client.ask('POST', `${api}/query`, { body })), 200);
      for (const type of types) {
        const result = answer.json().results[type];
        expect(result?.status === 200, `${type}: ${JSON.stringify(result?.error)}`);
        expect(Array.isArray(result.frames), `${type} has no frames`);
      }
    },
  },
  {
    name: `POST ${api}/query tells what is wrong with one query`,
    run: async (client) => {
      const body = { from: 'now-5m', to: 'now', queries: [{ type: 'top', filter: 'port' }, { type: 'top' }] };
      const { results } = (await client.ask('POST', `${api}/query`, { body })).json();
      expect(results.A.status === 400 && results.B.status === 200, JSON.stringify(results));
    },
  },
  {
    name: `GET ${api}/query/fields and values, POST ${api}/query/validate`,
    run: async (client) => {
      const { fields } = await client.json(`${api}/query/fields`);
      expect(
        fields.some(({ name }) => name === 'src_addr'),
        'src_addr is missing',
      );
      await client.json(`${api}/query/values?field=src_addr`);
      const body = { filter: 'dst port' };
      const answer = (await client.ask('POST', `${api}/query/validate`, { body })).json();
      expect(answer.ok === false && answer.error.column === 9, JSON.stringify(answer));
    },
  },
];

const notBuilt = [
  ['POST', '/capture/netflow/export/enable'],
  ['POST', '/capture/encryption/enable'],
  ['GET', '/capture/firmware/verify'],
  ['GET', '/packets/stream'],
  ['GET', '/packets/diff'],
  ['GET', '/artifacts'],
  ['GET', '/pins'],
  ['GET', '/keys'],
].map(([method, path]) => ({
  name: `${method} ${api}${path} says that it is not built yet`,
  run: async (client) => {
    expectProblem(client.permitted(await client.ask(method, `${api}${path}`)), 501, 'not_built_yet');
  },
}));

export const cases = [...probes, ...reading, ...packets, ...control, ...queries, ...notBuilt];
