import { useEffect, useState } from 'react';
import type { WireglassDataSource } from '../datasource';
import type { Facts } from '../model/facts';

/** What Grafana's backend says of a failed call, in words. */
export function messageOf(error: unknown): string {
  const { data, message } = (error ?? {}) as {
    data?: { detail?: unknown; message?: unknown };
    message?: unknown;
  };
  const text = data?.detail ?? data?.message ?? message;
  return typeof text === 'string' ? text : 'the collector did not answer';
}

/** Fields and measures of the collector; null until they are there. */
export function useFacts(datasource: WireglassDataSource): { facts: Facts | null; failure: string | null } {
  const [facts, setFacts] = useState<Facts | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let shown = true;
    datasource.facts().then(
      (known) => {
        if (!shown) return;
        setFacts(known);
        setFailure(null);
      },
      (error: unknown) => {
        if (shown) setFailure(messageOf(error));
      },
    );
    return () => {
      shown = false;
    };
  }, [datasource]);
  return { facts, failure };
}
