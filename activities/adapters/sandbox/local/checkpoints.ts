import { rm } from 'node:fs/promises';
import path from 'node:path';
import { SandboxError } from '../../../ports/sandbox.ts';
import { workspaceGit, type WorkspaceGit } from './jail.ts';
import { run } from './run.ts';

/** Largest bundle of commits in bytes that is exported from a sandbox. */
const maxBundleBytes = 2 ** 31;
const insideTimeoutMs = 120_000;

export function checkedRef(ref: string): string {
  if (!/^refs\/[\w./@-]+$/.test(ref) || ref.includes('..'))
    throw new SandboxError('not_found', `"${ref}" is not the full name of a ref.`);
  return ref;
}

export function checkedCommit(sha: string): string {
  if (!/^[0-9a-f]{40,64}$/.test(sha)) throw new SandboxError('not_found', `"${sha}" is not a commit id.`);
  return sha;
}

export function parsed(answer: string): { sha: string; tree: string } {
  const [sha, tree] = answer.split(' ');
  if (!sha || !tree) throw new Error('Git gave no answer on the workspace.');
  return { sha, tree };
}

/** Commits the files of the workspace on `parent` and sets `ref` to the commit. */
export async function checkpoint(
  sandbox: WorkspaceGit,
  { parent, ref, message }: { parent: string; ref: string; message: string },
) {
  return parsed(await workspaceGit(sandbox, ['checkpoint', checkedCommit(parent), checkedRef(ref), message]));
}

/** Git inside the sandbox, on the agent's own repository, without its hooks. */
const agentGit = ['git', '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'commit.gpgSign=false'];

/**
 * Commits remaining changes on the agent's branch and exports its commits as a bundle, which the mirror imports. The
 * tree of that commit is the platform's, as checkpoints have it.
 * Whatever is wrong with the agent's repository, the files are exported: as a commit on its last valid one, or on the
 * base.
 * @param enter command-line prefix that runs a command inside, in the workspace.
 */
export async function exportWork(
  sandbox: WorkspaceGit,
  enter: string[],
  { ref, message }: { ref: string; message: string },
) {
  checkedRef(ref);
  const base = sandbox.spec.base_sha;
  const bundle = path.join(sandbox.layout.platform, 'bundle');
  const env = { PATH: sandbox.hostPath };
  const insideRun = (args: string[], stdoutFile?: string) =>
    run([...enter, ...args], {
      env,
      maxBytes: stdoutFile ? maxBundleBytes : 65_536,
      timeoutMs: insideTimeoutMs,
      stdoutFile,
    }).catch((error: unknown) => {
      if (error instanceof SandboxError && error.code === 'disk_full') throw error;
      return undefined;
    });

  await rm(bundle, { force: true });
  try {
    if (sandbox.spec.access === 'read_write') {
      const tree = await workspaceGit(sandbox, ['tree']);
      const commit = `tree=$1; shift; "$@" read-tree "$tree" && { "$@" diff --cached --quiet && "$@" update-index -q --refresh || "$@" commit --quiet --no-verify -m "$0"; }`;
      await insideRun(['bash', '-c', commit, message, tree, ...agentGit]);
      const head = (await insideRun([...agentGit, 'rev-parse', '--verify', 'HEAD^{commit}']))?.stdout.toString().trim();
      if (head && head !== base) {
        const bundled = await insideRun([...agentGit, 'bundle', 'create', '--quiet', '-', 'HEAD', `^${base}`], bundle);
        if (bundled?.exitCode !== 0) await rm(bundle, { force: true });
      }
    }
    return parsed(await workspaceGit(sandbox, ['adopt', base, ref, message]));
  } finally {
    await rm(bundle, { force: true });
  }
}
