import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure, withReceiver } from './measure.mjs';
import { exportedTotals } from './softflowd.mjs';

export const pmacctd = {
  name: 'pmacctd',
  kind: 'peer',
  programs: ['pmacctd'],
  packages: ['pmacct'],
  async run(input, context) {
    const [run, sums] = await withReceiver(context, (port) =>
      measure(context, 'pmacctd', command(input, port, context)),
    );
    return { ...run, totals: run.ok ? exportedTotals(sums) : null };
  },
  commands: (input, port, context) => [['pmacctd', command(input, port, context)]],
};

/** Its core process and the nfprobe plugin, with queues large enough that nothing is lost between the two. */
function command(input, port, context) {
  mkdirSync(context.scratch, { recursive: true });
  const file = join(context.scratch, 'pmacctd.conf');
  const settings = [
    'daemonize: false',
    `pcap_savefile: ${input.path}`,
    'plugins: nfprobe[export]',
    'aggregate[export]: src_host,dst_host,src_port,dst_port,proto,tcpflags',
    `nfprobe_receiver[export]: 127.0.0.1:${port}`,
    'nfprobe_version[export]: 10',
    `nfprobe_maxflows[export]: ${Math.max(input.flows, 8192) * 2}`,
    'plugin_buffer_size[export]: 1048576',
    'plugin_pipe_size[export]: 268435456',
  ];
  writeFileSync(file, settings.join('\n') + '\n');
  return ['-f', file];
}
