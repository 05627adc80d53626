// Running one process and measuring it, by native/bench/run_measured_main.cpp.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a command to its end, or for `timeoutSeconds`; what it left running counts, too.
 * Returns its usage (CPU seconds, wall seconds, peak memory) and what it printed.
 */
export async function measure(context, command, args) {
  mkdirSync(context.scratch, { recursive: true });
  const outputFile = join(context.scratch, 'output.txt');
  const limits = ['--timeout', String(context.timeoutSeconds), '--output', outputFile];
  const { stdout } = await execute(context.program('run_measured'), [...limits, command, ...args]);
  const usage = JSON.parse(stdout);
  return {
    command: [command, ...args].join(' '),
    ok: usage.exit === 0 && !usage.timed_out,
    timedOut: usage.timed_out,
    wallSeconds: usage.wall_seconds,
    cpuSeconds: usage.user_seconds + usage.system_seconds,
    systemSeconds: usage.system_seconds,
    peakBytes: usage.peak_bytes,
    othersCpuSeconds: usage.others_cpu_seconds,
    output: readFileSync(outputFile, 'utf8'),
  };
}

/**
 * Receives NetFlow or IPFIX on a loopback port while `work(port)` runs.
 * Returns what `work` returned and the sums over all messages.
 */
export async function withReceiver(context, work) {
  const receiver = spawn(context.program('export_sum'), [], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => receiver.once('close', resolve));
  let text = '';
  const port = await new Promise((resolve, reject) => {
    receiver.once('error', reject);
    receiver.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(Number(text.slice(0, text.indexOf('\n'))));
    });
    receiver.once('close', () => reject(new Error('the receiver of exports did not start')));
  });
  try {
    const result = await work(port);
    return [result, await stop()];
  } finally {
    receiver.kill('SIGTERM');
  }

  async function stop() {
    receiver.kill('SIGTERM');
    await ended;
    return JSON.parse(text.slice(text.indexOf('\n') + 1));
  }
}
