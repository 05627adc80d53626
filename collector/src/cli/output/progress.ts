import { humanBytes, humanCount, humanSeconds } from './human.js';

const intervalMs = 200;
const barCells = 24;

export interface ProgressReading {
  packets: number;
  /** of those, on the wire */
  bytes: number;
  /** 0 to 1, null where unknown */
  progress: number | null;
}

/** The line for a reading after `seconds`: bar, packets, rates and, where it can be told, the time left. */
export function progressLine({ packets, bytes, progress }: ProgressReading, seconds: number): string {
  const rate = (value: number): number => (seconds > 0 ? Math.round(value / seconds) : 0);
  const figures = `${humanCount(packets)} packets  ${humanCount(rate(packets))}/s  ${humanBytes(rate(bytes))}/s`;
  if (progress === null) return figures;
  const filled = Math.round(Math.min(1, Math.max(0, progress)) * barCells);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(barCells - filled)}]`;
  const left =
    progress > 0.005 && progress < 1 ? `  ${humanSeconds((seconds * (1 - progress)) / progress)} left` : '';
  return `${bar} ${String(Math.floor(progress * 100)).padStart(3)} %  ${figures}${left}`;
}

/** Draws a progress line on a terminal's standard error until it is stopped. Returns the stop function. */
export function showProgress(
  read: () => ProgressReading,
  stream: NodeJS.WriteStream = process.stderr,
): () => void {
  if (!stream.isTTY) return () => undefined;
  const startedMs = Date.now();
  const draw = (): void => {
    const line = progressLine(read(), (Date.now() - startedMs) / 1_000);
    stream.write(`\r\x1b[K${line.slice(0, Math.max(10, stream.columns - 1))}`);
  };
  const timer = setInterval(draw, intervalMs);
  return () => {
    clearInterval(timer);
    stream.write('\r\x1b[K');
  };
}
