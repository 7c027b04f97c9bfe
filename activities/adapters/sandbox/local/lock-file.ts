import { spawn } from 'node:child_process';
import { alone, hostPath, onlyEnv } from './processes.ts';

/** Exit code of flock(1) when another process holds the lock. */
const taken = 100;

/**
 * Locks a file, which is created where it is missing. The lock ends with this process at the latest: a child holds it that
 * reads from this process until there is nothing left to read.
 * @returns the function that unlocks it; undefined while another one holds the lock. A machine without flock(1) has no locks.
 */
export function lockFile(file: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const hold = `touch -c "$1" && exec flock --nonblock --no-fork -E ${taken} "$1" sh -c 'echo locked; exec cat'`;
    const [program = '', ...args] = [...alone, 'sh', '-c', hold, 'sh', file];
    const child = spawn(program, args, {
      cwd: '/',
      env: onlyEnv({ PATH: hostPath }),
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    const unlock = () => void child.stdin.destroy();
    child.stdin.on('error', () => undefined);
    child.stdout.once('data', () => resolve(unlock));
    child.on('error', () => resolve(unlock));
    child.on('exit', (code) => resolve(code === taken ? undefined : unlock));
  });
}
