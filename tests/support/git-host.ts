import { createServer } from 'node:http';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TestRepository } from './repository.ts';

/** Serves a repository over http to callers who sign in. Git reads it as plain files. */
export async function serveRepository(signIn: { username: string; password: string }) {
  const source = new TestRepository();
  const dir = mkdtempSync(path.join(tmpdir(), 'omoios-host-'));
  const bare = path.join(dir, 'repository.git');
  execFileSync('git', ['clone', '-q', '--bare', source.path, bare]);
  execFileSync('git', ['--git-dir', bare, 'update-server-info']);
  const sha = execFileSync('git', ['--git-dir', bare, 'rev-parse', 'main'], { encoding: 'utf8' }).trim();
  let { password } = signIn;
  const wanted = () => `Basic ${Buffer.from(`${signIn.username}:${password}`).toString('base64')}`;
  const server = createServer((req, res) => {
    if (req.headers.authorization !== wanted())
      return void res.writeHead(401, { 'www-authenticate': 'Basic' }).end('secret words of the host');
    const file = path.join(dir, path.posix.normalize(new URL(req.url ?? '/', 'http://x').pathname));
    if (!existsSync(file)) return void res.writeHead(404).end();
    try {
      res.end(readFileSync(file));
    } catch {
      res.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/repository.git`,
    sha,
    /** From then on the host accepts this password alone. */
    expect: (next: string) => {
      password = next;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
      rmSync(dir, { recursive: true });
    },
  };
}
