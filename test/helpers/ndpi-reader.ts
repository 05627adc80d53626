/** What ndpiReader, libndpi's own program, names the flows of a capture by their contents. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conversationKey } from './tshark-applications.js';

/** IPv6 as RFC 5952 has it. */
function canonical(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/**
 * The label of the first flow of each TCP or UDP conversation, without guesses by port (-d); conversations without a
 * label are missing.
 */
export function ndpiLabels(path: string): Map<string, string> {
  return inFolder((folder) => {
    const table = join(folder, 'flows.csv');
    execFileSync('ndpiReader', ['-i', path, '-d', '-q', '-C', table], { stdio: 'ignore' });
    const [head = '', ...lines] = readFileSync(table, 'latin1').split('\n').filter(Boolean);
    const names = head.replace(/^#/, '').split(',');
    const rows = lines.map((line) => line.split(','));
    const cell = (row: string[], name: string): string => row[names.indexOf(name)] ?? '';
    rows.sort((a, b) => Number(cell(a, 'first_seen')) - Number(cell(b, 'first_seen')));
    const labels = new Map<string, string>();
    for (const row of rows) {
      const protocol = Number(cell(row, 'protocol'));
      const key = conversationKey(protocol, [
        [canonical(cell(row, 'src_ip')), Number(cell(row, 'src_port'))],
        [canonical(cell(row, 'dst_ip')), Number(cell(row, 'dst_port'))],
      ]);
      const isTransport = protocol === 6 || protocol === 17;
      if (isTransport && !labels.has(key)) labels.set(key, cell(row, 'ndpi_proto'));
    }
    return labels;
  });
}

/**
 * The same of the capture with every IPv4 address moved to 198.18.0.0/15 (RFC 2544), where no service lives; where
 * asked for, without the packets that carry no data.
 */
export function ndpiLabelsOfNobody(path: string, onlyData: boolean): Map<string, string> {
  return inFolder((folder) => {
    const data = join(folder, 'data.pcap');
    const moved = join(folder, 'moved.pcap');
    const run = (program: string, args: string[]): Buffer => execFileSync(program, args, { stdio: 'ignore' });
    if (onlyData) run('tshark', ['-n', '-r', path, '-Y', 'tcp.len > 0 || udp', '-F', 'pcap', '-w', data]);
    run('tcprewrite', ['--pnat=0.0.0.0/0:198.18.0.0/15', '-i', onlyData ? data : path, '-o', moved]);
    return ndpiLabels(moved);
  });
}

/** The key of a conversation in ndpiLabelsOfNobody(). */
export function keyOfNobody(key: string): string {
  const [protocol = '', ...ends] = key.split(' ');
  const moved = ends.map((end): [string, number] => {
    const [address = '', port = ''] = end.split('|');
    const [, second = 0, third = 0, fourth = 0] = address.split('.').map(Number);
    return [`198.${18 + (second & 1)}.${third}.${fourth}`, Number(port)];
  });
  return conversationKey(Number(protocol), moved);
}

function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'wireglass-ndpi-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
