import { statfsSync } from 'node:fs';
import { AppError } from '#workflows/domain/errors.ts';
import type { Log, Room } from '../ports/services.ts';

/** MB that a disk has left for us; undefined when the folder is not there. */
export function freeMb(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return Math.floor((bavail * bsize) / 2 ** 20);
  } catch {
    return undefined;
  }
}

/** What to tell a person about a data folder that has less left than is kept free; undefined while there is room. */
export function roomProblem(dataDir: string, reserveMb: number): string | undefined {
  const free = freeMb(dataDir);
  if (free === undefined || free >= reserveMb) return undefined;
  return `The data folder ${dataDir} has ${free} MB left; OmoiOS keeps ${reserveMb} MB free. Free some space there: the work waits and goes on by itself. (OMOIOS_SANDBOX_DISK_RESERVE_MB says how much is kept.)`;
}

const lookMs = 1000;

/**
 * Watches the data folder: below the reserve nothing new is begun, so that records, database and Temporal keep room
 * for what has to be written to end or to wait in order.
 */
export function watchRoom(dataDir: string, reserveMb: number, log: Log): Room & { close(): void } {
  let full = false;
  const problem = () => {
    const found = roomProblem(dataDir, reserveMb);
    if (found && !full) log.error({ data_dir: dataDir, free_mb: freeMb(dataDir) }, found);
    if (!found && full)
      log.warn({ data_dir: dataDir, free_mb: freeMb(dataDir) }, 'the data folder has room again: the work goes on');
    full = found !== undefined;
    return found;
  };
  const timer = setInterval(problem, lookMs).unref();
  return {
    problem,
    demand: () => {
      const found = problem();
      if (found) throw new AppError('unavailable', found, undefined, 5);
    },
    close: () => clearInterval(timer),
  };
}
