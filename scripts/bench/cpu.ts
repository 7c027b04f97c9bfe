import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Ticks of the processor in a second, as Linux counts them for programs. */
const ticks = 100;

/** Ids of the processes with a word in their environment, and of those of PostgreSQL. On Linux; elsewhere none. */
export function processesWith(word: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        path.basename(readlinkSync(`/proc/${pid}/exe`)) === 'postgres' ||
        readFileSync(`/proc/${pid}/environ`, 'latin1').includes(word)
      );
    } catch {
      // It has ended in between, or belongs to somebody else.
      return false;
    }
  });
}

/**
 * Seconds of processor time that the processes with a word in their environment have used, and those of PostgreSQL, with
 * the ones that they have started and seen end. Undefined where the system does not tell: elsewhere than on Linux.
 */
export function cpuSeconds(word: string): number | undefined {
  if (process.platform !== 'linux') return undefined;
  let sum = 0;
  for (const pid of processesWith(word)) {
    try {
      // The name of the program, in brackets, may hold blanks.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
      for (const n of [11, 12, 13, 14]) sum += Number(fields[n]) / ticks;
    } catch {
      // It has ended in between, or belongs to somebody else.
    }
  }
  return sum;
}

/** Milliseconds of processor time a turn, between its two calls. */
export class TurnCpu {
  private before: number | undefined;
  private after: number | undefined;

  constructor(private readonly word: string) {}

  /** To be called with each request to the model: the first and the last one count. */
  at(step: number, turns: number): void {
    if (step === 0) this.before = cpuSeconds(this.word);
    if (step === turns) this.after = cpuSeconds(this.word);
  }

  perTurn(turns: number): number | undefined {
    const { before, after } = this;
    return before === undefined || after === undefined
      ? undefined
      : Math.round(((after - before) * 10_000) / turns) / 10;
  }
}
