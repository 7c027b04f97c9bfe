import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Whether this process may mount a file system. */
export function mayMount(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  if (mounted) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
}

/** A file system of a few hundred MB in memory, and a stranger's file that fills it. */
export class SmallDisk {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'omoios-disk-'));

  constructor(mb: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mb}m`, 'tmpfs', this.folder]);
  }

  private get strangersFile(): string {
    return path.join(this.folder, 'of-a-stranger');
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Fills it until no more than this is left. */
  fill(leaveBytes: number): void {
    const block = Buffer.alloc(65_536, 1);
    const file = openSync(this.strangersFile, 'a');
    try {
      for (let over = this.freeBytes - leaveBytes; over > 0; over = this.freeBytes - leaveBytes)
        writeSync(file, block.subarray(0, Math.min(block.length, over)));
    } catch (error) {
      // The others write too: the last bytes may be theirs.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  makeRoom(): void {
    rmSync(this.strangersFile, { force: true });
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
