import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createLocalCodeHost } from '#activities/adapters/code-host/local.ts';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import { freeBranch } from '#activities/ports/host-project.ts';
import { RepositoryError } from '#activities/ports/repositories.ts';
import { environment } from '#activities/services/config.ts';
import { mergeAt } from '#tests/ports/local/code-hosts.ts';
import type { Kind } from '#tests/ports/local/fixture.ts';
import { createSandbox, git } from '#tests/ports/local/fixture.ts';
import type { Row } from './row.ts';

const limits = { memory_mb: 2048, processes: 200, file_size_mb: 100, log_mb: 2 };

/** The entries of a tree by path: mode and id. Names are read byte by byte. */
function entries(gitDir: string, tree: string): Map<string, string> {
  const listed = git(gitDir, 'ls-tree', '-r', '-z', '--full-tree', tree);
  return new Map(
    listed
      .split('\0')
      .filter(Boolean)
      .map((entry) => [entry.slice(entry.indexOf('\t') + 1), entry.slice(0, entry.indexOf('\t'))]),
  );
}

/** Checks that exactly the wanted files differ, and that changed ones kept their mode. */
export function assertChanges(row: Row, gitDir: string, from: string, to: string): void {
  const before = entries(gitDir, from);
  const after = entries(gitDir, to);
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
  const wanted = new Set(['agent.txt', ...Object.keys(row.edits ?? {}), ...(row.changes ?? [])]);
  assert.deepEqual(changed.sort(), [...wanted].sort());
  for (const file of changed.filter((name) => before.has(name) && after.has(name)))
    assert.equal(
      after.get(file)?.slice(0, 6),
      before.get(file)?.slice(0, 6).replace('100664', '100644'),
      `mode of ${file}`,
    );
}

/** The state of the owner's working tree, which work must not change. */
const status = (source: string) =>
  git(source, 'rev-parse', '--is-bare-repository') === 'true'
    ? ''
    : git(source, '-c', 'core.fsmonitor=false', 'status', '--porcelain', '-z', '--ignore-submodules=all');

/** Checks that a repository was refused for the reason of its row, with the remedy. */
export function assertRefusal(
  { code, remedy }: NonNullable<Row['refused']>,
  said: { code: string; message: string },
): void {
  assert.equal(said.code, code);
  assert.match(said.message, remedy);
}

/** Takes a row from the look at the repository to a merged pull request, by the ports alone. */
export async function playAtPorts(row: Row, dir: string, kind: Kind): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const home = path.join(dir, 'source');
  const source = row.make(home) ?? home;
  const dataDir = path.join(dir, 'data');
  const repositories = createRepositories({ dataDir, environment });
  if (row.refused) {
    const { refused } = row;
    await assert.rejects(repositories.inspect({ path: source }), (error: unknown) => {
      assert.ok(error instanceof RepositoryError, String(error));
      assertRefusal(refused, error);
      return true;
    });
    return;
  }
  const facts = await repositories.inspect({ path: source });
  const project = { id: 'p', organization_id: 'o', default_branch: facts.default_branch, path: source };
  const { sha: base } = await repositories.sync('p', project, facts.default_branch);
  assert.deepEqual([base, facts.dirty], [facts.head_sha, false]);
  const gitDir = repositories.gitDir('p');
  const before = status(source);
  const { port: sandbox, close } = await createSandbox(kind, dataDir);
  const run = async (id: string, job: string, command: string) => {
    await sandbox.startCommand(id, { job_id: job, command, network: 'none' });
    const state = await sandbox.waitCommand(id, job, { timeoutMs: 60_000 });
    const { head, tail } = await sandbox.readOutput(id, job, { headBytes: 4000, tailBytes: 4000 });
    assert.equal(state.exit_code, 0, `${command}\n${head.toString()}${tail.toString()}`);
  };
  const spec = { project_id: 'p', access: 'read_write' as const, labels: {}, limits };
  try {
    const branch = await freeBranch({ repositories }, 'p', 'feature/1-odd');
    await sandbox.create({ ...spec, id: 'work', base_sha: base, branch });
    assert.equal(await sandbox.treeHash('work'), await repositories.treeOf('p', base), 'a tree before any change');
    const none = await sandbox.exportWork('work', { ref: 'refs/omoios/work/none', message: 'm' });
    assert.deepEqual([none.sha, none.tree], [base, await repositories.treeOf('p', base)]);
    await sandbox.writeFile('work', 'agent.txt', Buffer.from('by the agent\n'));
    for (const [file, text] of Object.entries(row.edits ?? {}))
      await sandbox.writeFile('work', file, Buffer.from(text));
    if (row.command) await run('work', 'command', row.command);
    if (row.check) await run('work', 'check', row.check);
    const kept = await sandbox.checkpoint('work', { parent: base, ref: 'refs/omoios/runs/1', message: 'turn' });
    const out = await sandbox.exportWork('work', { ref: 'refs/omoios/work/1', message: 'work' });
    assert.equal(out.tree, kept.tree);
    assertChanges(row, gitDir, base, out.sha);
    await sandbox.create({ ...spec, id: 'check', base_sha: out.sha, branch: 'omoios-check' });
    assert.equal(await sandbox.treeHash('check'), out.tree);
    await run('check', 'check', row.check ?? 'test -f agent.txt');

    row.meanwhile?.(home);
    const opened = { provider: 'local', provider_id: '1', number: 1, url: '/', state: 'open' as const };
    const host = createLocalCodeHost({
      repositories,
      records: {
        find: async () => undefined,
        create: async () => opened,
      },
    });
    const request = {
      ...opened,
      business_key: 'k',
      title: 't',
      body: '',
      branch,
      base: facts.default_branch,
      head_sha: out.sha,
    };
    await host.pushBranch(project, branch, out.sha);
    await host.openPullRequest(project, request);
    const merging = mergeAt(host, project, request, 'merge');
    if (row.merge) {
      const { code } = row.merge;
      await assert.rejects(merging, (error: unknown) => error instanceof RepositoryError && error.code === code);
      return;
    }
    const { sha } = await merging;
    assert.equal(git(source, 'rev-parse', `refs/heads/${facts.default_branch}`), sha);
    if (!row.meanwhile) {
      assert.equal(git(source, 'rev-parse', `${sha}^{tree}`), out.tree);
      const known = new Set(before.split('\0'));
      assert.deepEqual(
        status(source)
          .split('\0')
          .filter((line) => !known.has(line)),
        [],
      );
    }
  } finally {
    await sandbox.destroy('work');
    await sandbox.destroy('check');
    await close?.();
  }
}
