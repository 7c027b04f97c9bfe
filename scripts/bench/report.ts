import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { round, table } from './numbers.ts';

/** The numbers of a JSON value by their path, such as `turns.0.cost.ms_per_turn`. */
export function numbersIn(value: unknown, at = ''): Map<string, number> {
  if (typeof value === 'number') return new Map([[at, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([name, part]) => [...numbersIn(part, at ? `${at}.${name}` : name)]));
}

/** A table of the numbers that two runs have in common: before, now, and now divided by before. */
export function compared(before: unknown, now: unknown): string {
  const old = numbersIn(before);
  const rows = [...numbersIn(now)].flatMap(([name, value]) => {
    const was = old.get(name);
    return was === undefined
      ? []
      : [[name, String(was), String(value), was === 0 ? '-' : String(round(value / was, 2))]];
  });
  return table([['', 'before', 'now', 'ratio'], ...rows]);
}

/** What a run of the benchmark has measured so far. Each row is in the file as soon as it is measured. */
export class Report {
  private readonly failed: string[] = [];
  private readonly before: unknown;

  /**
   * @param facts what the numbers depend on, such as the number of processors.
   * @param against file of an earlier run, which may be the one that this run writes.
   */
  constructor(
    private readonly file: string,
    private readonly say: (line: string) => void,
    private readonly facts: Record<string, unknown> = {},
    against?: string,
  ) {
    if (against) this.before = JSON.parse(readFileSync(against, 'utf8'));
  }

  /** Measures a row and keeps it. One that fails says so, and the others go on. */
  async row<T>(name: string, measure: () => Promise<T>, describe?: (value: T) => string): Promise<T | undefined> {
    try {
      const value = await measure();
      this.facts[name] = value;
      this.save();
      if (describe) this.say(describe(value));
      return value;
    } catch (error) {
      this.failed.push(name);
      this.say(`${name}: failed: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** @returns the exit code: 1 when a row has failed. */
  end(): number {
    this.save();
    if (this.before) this.say(compared(this.before, this.facts));
    this.say(`Written to ${path.relative(process.cwd(), this.file)}.`);
    if (this.failed.length > 0) this.say(`Failed: ${this.failed.join(', ')}.`);
    return this.failed.length > 0 ? 1 : 0;
  }

  private save(): void {
    mkdirSync(path.dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify(this.facts, null, 1)}\n`);
  }
}
