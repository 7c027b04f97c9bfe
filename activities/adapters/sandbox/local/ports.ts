import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SandboxError } from '../../../ports/sandbox.ts';
import type { Holder } from './holder.ts';
import { onlyEnv, scripts } from './processes.ts';

/** Ways to ports of sandboxes, each a process in the sandbox's network that this process keeps alive. */
export function createPortWays(hostPath: string) {
  const open = new Map<string, Promise<string>>();

  function start(id: string, holder: Holder, port: number, ended: () => void): Promise<string> {
    const user = `/proc/${holder.owner}/ns/user`;
    const child = spawn(
      'nsenter',
      [
        ...[`--user=${user}`, `--net=/proc/${holder.child}/ns/net`, '--preserve-credentials', '--'],
        ...[process.execPath, scripts.port, String(port), user],
      ],
      { cwd: '/', env: onlyEnv({ PATH: hostPath }), stdio: ['pipe', 'pipe', 'pipe'] },
    );
    child.unref();
    child.stdin.on('error', () => undefined);
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-500)));
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('error', reject);
      child.once('exit', () => {
        ended();
        reject(
          new SandboxError('lost', `The way to port ${port} of sandbox ${id} could not be opened. ${errors.trim()}`),
        );
      });
    });
  }

  return {
    /** @returns the path of a socket that leads to the port. */
    open(id: string, holder: Holder, port: number): Promise<string> {
      const key = `${id} ${holder.child} ${port}`;
      const known = open.get(key);
      if (known) return known;
      const way = start(id, holder, port, () => open.delete(key));
      open.set(key, way);
      way.catch(() => open.delete(key));
      return way;
    },
  };
}
