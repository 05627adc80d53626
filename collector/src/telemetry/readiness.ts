import { errorMessage } from '../model/errors.js';

/** Resolves when the part is fit to serve, with a remark where something is amiss; rejects when it is not fit. */
export type ReadinessCheck = () => Promise<string | null> | string | null;

export interface ReadinessReport {
  ready: boolean;
  /** part → "ok", a remark, or why it is not ready */
  checks: Record<string, { ready: boolean; detail: string }>;
}

const checkTimeoutMs = 2_000;

/** Asks every part whether it can serve; a part that does not answer in time is not ready. */
export async function readinessReport(
  checks: Readonly<Record<string, ReadinessCheck>>,
): Promise<ReadinessReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await result(check)] as const),
  );
  return { ready: results.every(([, { ready }]) => ready), checks: Object.fromEntries(results) };
}

async function result(check: ReadinessCheck): Promise<{ ready: boolean; detail: string }> {
  try {
    return { ready: true, detail: (await inTime(check)) ?? 'ok' };
  } catch (error) {
    return { ready: false, detail: errorMessage(error) };
  }
}

async function inTime(check: ReadinessCheck): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeoutMs} ms`)), checkTimeoutMs);
  });
  try {
    return await Promise.race([(async () => check())(), late]);
  } finally {
    clearTimeout(timer);
  }
}
