import { statfsSync } from 'node:fs';
import { AppError } from '#workflows/domain/errors.ts';
import type { DiskGuard, Log } from '../ports/services.ts';

/** Free space, in MB, of the disk with a folder; undefined when the folder does not exist. */
export function freeMb(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return Math.floor((bavail * bsize) / 2 ** 20);
  } catch {
    return undefined;
  }
}

/** Explains to a person that free space is below the reserve; undefined while there is enough. */
export function diskProblem(dataDir: string, reserveMb: number): string | undefined {
  const free = freeMb(dataDir);
  if (free === undefined || free >= reserveMb) return undefined;
  return `The data folder ${dataDir} has ${free} MB left; OmoiOS keeps ${reserveMb} MB free. Free some space there: the work waits and continues by itself. (OMOIOS_SANDBOX_DISK_RESERVE_MB sets the reserve.)`;
}

const lookMs = 1000;

/**
 * Watches the data folder. Below the reserve no new work starts, so that the database and Temporal can still write
 * what running work needs to end or to wait.
 */
export function watchDisk(dataDir: string, reserveMb: number, log: Log): DiskGuard & { close(): void } {
  let full = false;
  const problem = () => {
    const found = diskProblem(dataDir, reserveMb);
    if (found && !full) log.error({ data_dir: dataDir, free_mb: freeMb(dataDir) }, found);
    if (!found && full)
      log.warn({ data_dir: dataDir, free_mb: freeMb(dataDir) }, 'the data folder has space again: the work continues');
    full = found !== undefined;
    return found;
  };
  const timer = setInterval(problem, lookMs).unref();
  return {
    problem,
    requireSpace: () => {
      const found = problem();
      if (found) throw new AppError('unavailable', found, undefined, 5);
    },
    close: () => clearInterval(timer),
  };
}
