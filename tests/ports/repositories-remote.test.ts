import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import type { RepositoryAccess } from '#activities/ports/repositories.ts';
import { withAccess } from '#activities/services/repository-access.ts';
import { serveRepository } from '#tests/support/git-host.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'omoios-remote-'));
const argumentsFile = path.join(dir, 'arguments');
const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
writeFileSync(path.join(dir, 'git'), `#!/bin/sh\nprintf '%s ' "$@" >> ${argumentsFile}\nexec ${git} "$@"\n`);
chmodSync(path.join(dir, 'git'), 0o755);

const token = 'ghp_only-for-this-test';
let host: Awaited<ReturnType<typeof serveRepository>>;
beforeAll(async () => {
  host = await serveRepository({ username: 'x', password: token });
});
afterAll(() => {
  host.close();
  rmSync(dir, { recursive: true });
});

const repositories = (access: RepositoryAccess) =>
  withAccess(
    createRepositories({ dataDir: dir, environment: { ...process.env, PATH: `${dir}:${process.env.PATH}` } }),
    () => Promise.resolve(access),
  );
const signIn = { username: 'x', password: token };

test('git signs in with a credential that no argument and no file shows', async () => {
  const signedIn = repositories({ machine: false, credential: signIn });
  expect(await signedIn.inspect({ url: host.url })).toMatchObject({ default_branch: 'main', head_sha: host.sha });
  expect(await signedIn.sync('remote', { url: host.url }, 'main')).toEqual({ sha: host.sha });
  expect(await signedIn.remoteBranch({ url: host.url }, 'main')).toBe(host.sha);
  const shown = readFileSync(argumentsFile, 'utf8') + readFileSync(path.join(dir, 'repos/remote.git/config'), 'utf8');
  expect(shown).toContain(host.url);
  for (const secret of [token, Buffer.from(`x:${token}`).toString('base64')]) expect(shown).not.toContain(secret);
});

test('a refusal keeps back what the host answered', async () => {
  for (const access of [{ machine: false }, { machine: true, credential: { ...signIn, password: 'wrong' } }])
    await expect(repositories(access).inspect({ url: host.url })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.not.stringMatching(/401|fatal|Authentication|secret words of the host/),
    });
});

test('git reaches only the addresses that were checked', async () => {
  const { port } = new URL(host.url);
  const elsewhere = createServer((req, res) => res.writeHead(302, { location: `${host.url}${req.url}` }).end());
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const redirecting = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  const checked = { machine: false, credential: signIn, checked: true, addresses: ['127.0.0.1'] };
  await expect(repositories(checked).inspect({ url: redirecting })).rejects.toMatchObject({ code: 'unreachable' });
  // The name leads where the check found it, whatever it means at the second look.
  const named = `http://a-name-of-nobody.invalid:${port}/repository.git`;
  expect(await repositories(checked).inspect({ url: named })).toMatchObject({ head_sha: host.sha });
  elsewhere.close();
});
