import type { EngineCounters } from '@wireglass/native';

type Sums = Record<string, number>;

const addRecords = (a: Sums, b: Sums): Sums => {
  const sum = { ...a };
  for (const [key, value] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
};

function add(a: EngineCounters, b: EngineCounters): EngineCounters {
  const sum: Record<string, unknown> = { ...b };
  for (const [name, value] of Object.entries(b) as [keyof EngineCounters, unknown][]) {
    if (typeof value === 'number') sum[name] = value + Number(a[name]);
    else if (typeof value === 'object') sum[name] = addRecords(a[name] as Sums, value as Sums);
  }
  return sum as unknown as EngineCounters;
}

/** The engine's counters over all captures of the service's life: each capture begins at zero, these do not. */
export class LifeCounters {
  private before: EngineCounters | null = null;
  private running = false;
  private starts = 0;

  constructor(private readonly engine: () => EngineCounters) {}

  started(): void {
    this.running = true;
    this.starts += 1;
  }

  /** The last capture has ended with these. */
  ended(final: EngineCounters): void {
    this.before = this.before === null ? final : add(this.before, final);
    this.running = false;
  }

  get captures(): number {
    return this.starts;
  }

  read(): EngineCounters {
    if (this.before === null) return this.engine();
    return this.running ? add(this.before, this.engine()) : this.before;
  }
}
