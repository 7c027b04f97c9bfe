import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCodeHosts } from './local/code-hosts.ts';

const hosts = await openCodeHosts();
afterAll(() => hosts.close());

/** A hook with which a repository refuses each branch as a server does, with a reason of its own. */
const refusing = (reason: string) => `#!${process.execPath}
const { readSync, writeSync } = require('node:fs');
const read = (size) => {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) at += readSync(0, bytes, at, size - at, null);
  return bytes.toString();
};
const line = () => {
  const size = parseInt(read(4), 16);
  return size === 0 ? undefined : read(size - 4);
};
const all = () => {
  const lines = [];
  for (let one = line(); one !== undefined; one = line()) lines.push(one);
  return lines;
};
const send = (text) => writeSync(1, (text.length + 4).toString(16).padStart(4, '0') + text);
all();
send('version=1\\n');
writeSync(1, '0000');
for (const command of all()) send('ng ' + command.trim().split(' ')[2] + ' ' + ${JSON.stringify(reason)} + '\\n');
writeSync(1, '0000');
`;

test.each([
  ['a GitHub App', '`workflows` permission', /Add the repository permission Workflows .*owner of its installation/],
  ['an OAuth App', '`workflow` scope', /Use a token with the right to change workflows/],
])('[GIT-06] a push that %s may not make because of a workflow says how it is allowed', async (by, lacks, remedy) => {
  const { host, project, git, work } = await hosts.github();
  const file = '.github/workflows/ci.yml';
  const hook = path.join(git('rev-parse', '--absolute-git-dir'), 'hooks', 'proc-receive');
  writeFileSync(hook, refusing(`refusing to allow ${by} to create or update workflow \`${file}\` without ${lacks}`));
  chmodSync(hook, 0o755);
  git('config', 'receive.procReceiveRefs', 'refs/heads');
  const request = work('feature/ci', { [file]: 'on: push\n' });
  const push = host.pushBranch(project, request.branch, request.head_sha);
  await expect(push).rejects.toMatchObject({ code: 'push_refused', message: expect.stringMatching(remedy) });
  await expect(push).rejects.toThrow(`Or a person commits ${file}, and the work leaves it as it is.`);
});
