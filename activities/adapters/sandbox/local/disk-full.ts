import { freeMb } from '../../../support/disk-guard.ts';

/**
 * Whether a program failed for want of space on the disk with the folder. Not every program says so: git leaves out the
 * system's words where it cannot write a ref.
 */
export const isDiskFull = (stderr: string, folder: string): boolean =>
  /No space left on device|Disk quota exceeded/i.test(stderr) || freeMb(folder) === 0;
