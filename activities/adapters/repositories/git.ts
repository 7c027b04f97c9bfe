import path from 'node:path';
import { RepositoryError, type RepositoriesPort, type RepositorySource } from '../../ports/repositories.ts';
import { decodeText } from '../../support/decode-text.ts';
import { advanceLocal, movedOn } from './advance.ts';
import { blame, changedFiles, commitDetails, diff, log } from './changes.ts';
import { createGit, gitFailed, pastLocks } from './git-command.ts';
import { inspectSource } from './inspect.ts';
import { mergeTree } from './merge.ts';
import { ensureBare, fetchSource, mirrorOf, originRefs, rebuildMirror } from './mirror.ts';
import { branchAt, pushCommit, pushRefused } from './push.ts';
import { fullRef, objectName, revision } from './ref-names.ts';
import { repositoryMap } from './map.ts';
import { occurrences, recentChanges } from './search.ts';
import { locate } from './sources.ts';

export interface RepositoriesOptions {
  /** The folder that contains the mirrors, in `repos/`. */
  dataDir: string;
  /** Folders in which a source without an access of its own must be; undefined: anywhere. */
  roots?: string[];
  /** Source of PATH, HOME, the ssh agent and proxies; no other variable of it reaches git. */
  environment: Record<string, string | undefined>;
}

const zeroId = '0'.repeat(40);

/** Repositories over the git command line, 2.38 or newer. */
export function createRepositories({ dataDir, roots, environment }: RepositoriesOptions): RepositoriesPort {
  const git = createGit(environment);
  const find = (source: RepositorySource) => locate(git, source, source.access ?? { roots, machine: true }, dataDir);
  const neutralDir = path.join(dataDir, 'repos', 'neutral');

  const gitDir = (projectId: string) => mirrorOf(dataDir, projectId);
  const at = (projectId: string, args: string[]) => ['--git-dir', gitDir(projectId), ...args];

  const resolve = async (projectId: string, ref: string): Promise<string | undefined> => {
    const names = [revision(ref), ...(ref.startsWith('refs/') ? [] : [`${originRefs}${ref}`])];
    for (const name of names) {
      const found = await git.run(at(projectId, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]));
      if (found.exitCode === 0) return found.stdout.toString().trim();
    }
    return undefined;
  };

  const isAncestor = async (projectId: string, ancestor: string, descendant: string): Promise<boolean> => {
    const result = await git.run(
      at(projectId, ['merge-base', '--is-ancestor', revision(ancestor), revision(descendant)]),
    );
    if (result.exitCode > 1) throw gitFailed(result.stderr);
    return result.exitCode === 0;
  };

  return {
    gitDir,

    async inspect(source, branch) {
      const located = await find(source);
      await ensureBare(git, neutralDir);
      return inspectSource(git, located, neutralDir, branch);
    },

    async folderOf(source) {
      const located = await find(source);
      return located.kind === 'local' ? located.commonDir : undefined;
    },

    async sync(projectId, source, branch) {
      return { sha: await fetchSource(git, gitDir(projectId), await find(source), branch) };
    },

    async rebuild(projectId, source, branch, own) {
      return rebuildMirror(git, gitDir(projectId), { source: await find(source), branch, own });
    },

    resolve,

    treeOf: (projectId, sha) => git.text(at(projectId, ['rev-parse', '--verify', `${revision(sha)}^{tree}`])),

    async branches(projectId, prefix = '') {
      const listed = await git.text(at(projectId, ['for-each-ref', '--format=%(refname)', 'refs/heads/', originRefs]));
      const names = listed.split('\n').map((ref) => ref.replace(/^refs\/(heads|remotes\/origin)\//, ''));
      return [...new Set(names)].filter((name) => name !== '' && name.startsWith(prefix)).sort();
    },

    async updateRef(projectId, ref, sha, expected) {
      const name = fullRef(ref);
      const old = expected === undefined ? [] : [expected === '' ? zeroId : objectName(expected)];
      const updated = await pastLocks(() => git.run(at(projectId, ['update-ref', name, objectName(sha), ...old])));
      if (updated.exitCode === 0) return true;
      if (expected === undefined) throw gitFailed(updated.stderr);
      const found = await git.run(at(projectId, ['rev-parse', '--verify', '--quiet', name]));
      if (found.stdout.toString().trim() !== expected) return false;
      throw gitFailed(updated.stderr);
    },

    async deleteRef(projectId, ref) {
      const deleted = await pastLocks(() => git.run(at(projectId, ['update-ref', '-d', fullRef(ref)])));
      if (deleted.exitCode !== 0) throw gitFailed(deleted.stderr);
    },

    isAncestor,

    async mergeBase(projectId, a, b) {
      const result = await git.run(at(projectId, ['merge-base', revision(a), revision(b)]));
      if (result.exitCode > 1) throw gitFailed(result.stderr);
      return result.stdout.toString().trim() || undefined;
    },

    async aheadBehind(projectId, base, head) {
      const counts = await git.text(
        at(projectId, ['rev-list', '--left-right', '--count', `${revision(base)}...${revision(head)}`, '--']),
      );
      const [behind, ahead] = counts.split('\t').map(Number);
      return { ahead: ahead ?? 0, behind: behind ?? 0 };
    },

    mergeTree: (projectId, ours, theirs) => mergeTree(git, gitDir(projectId), revision(ours), revision(theirs)),

    commitTree(projectId, { tree, parents, message, author, date }) {
      const env: Record<string, string> = {
        ...(author ? { GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email } : {}),
        ...(date ? { GIT_AUTHOR_DATE: date.toISOString(), GIT_COMMITTER_DATE: date.toISOString() } : {}),
      };
      const parentFlags = parents.flatMap((parent) => ['-p', objectName(parent)]);
      return git.text(at(projectId, ['commit-tree', ...parentFlags, '-F', '-', objectName(tree)]), {
        input: message,
        env,
      });
    },

    async readFile(projectId, rev, file) {
      const found = await git.run(
        at(projectId, ['cat-file', 'blob', `${revision(rev)}:${path.posix.normalize(file)}`]),
      );
      return found.exitCode === 0 ? found.stdout : undefined;
    },

    async readFiles(projectId, rev, files) {
      const wanted = files.map((file) => `${revision(rev)}:${path.posix.normalize(file)}\n`).join('');
      const { stdout } = await git.run(at(projectId, ['cat-file', '--batch']), { input: wanted });
      const found = new Map<string, string | undefined>();
      let from = 0;
      for (const file of files) {
        // "<id> blob <bytes>", the bytes, a newline; or the name and "missing".
        const lineEnd = stdout.indexOf('\n', from);
        const [, kind, size] = stdout.subarray(from, lineEnd).toString().split(' ');
        from = lineEnd + 1;
        if (!size || !/^\d+$/.test(size)) continue;
        if (kind === 'blob') found.set(file, decodeText(stdout.subarray(from, from + Number(size))));
        from += Number(size) + 1;
      }
      return found;
    },

    async listFiles(projectId, rev, { prefix = '', limit = Infinity } = {}) {
      const listed = await git.text(
        at(projectId, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', revision(rev)]),
      );
      const paths = listed
        .split('\0')
        .filter((file) => file !== '' && file.startsWith(prefix))
        .sort();
      return { paths: paths.slice(0, limit), total: paths.length };
    },

    async submodules(projectId, rev) {
      const listed = await git.text(at(projectId, ['ls-tree', '-r', '-z', '--full-tree', revision(rev)]));
      const entries = listed.split('\0').filter((entry) => entry.startsWith('160000 '));
      return entries.map((entry) => entry.slice(entry.indexOf('\t') + 1));
    },

    changedFiles: (projectId, from, to, options) =>
      changedFiles(git, gitDir(projectId), { from: revision(from), to: revision(to), ...options }),
    diff: (projectId, from, to, options) => diff(git, gitDir(projectId), revision(from), revision(to), options),
    blame: (projectId, from, to, path) =>
      blame(git, gitDir(projectId), { from: revision(from), to: revision(to), path }),
    recentChanges: (projectId, rev, limit) => recentChanges(git, gitDir(projectId), revision(rev), limit),
    occurrences: (projectId, rev, words) => occurrences(git, gitDir(projectId), revision(rev), words),
    map(projectId, rev, text) {
      return repositoryMap(this, projectId, rev, text);
    },
    async commit(projectId, rev) {
      const sha = await resolve(projectId, rev);
      return sha === undefined ? undefined : (await commitDetails(git, gitDir(projectId), ['--max-count=1', sha]))[0];
    },
    commits: (projectId, from, to, limit) =>
      commitDetails(git, gitDir(projectId), [`--max-count=${limit}`, `${revision(from)}..${revision(to)}`]),
    log: (projectId, from, to, limit) => log(git, gitDir(projectId), revision(from), revision(to), limit),

    async push(projectId, source, branch, sha, expected) {
      const old = expected === undefined || expected === '' ? expected : objectName(expected);
      const pushed = await pushCommit(git, gitDir(projectId), await find(source), branch, objectName(sha), old);
      if (pushed.outcome !== 'done') throw pushRefused(branch, pushed);
    },

    async remoteBranch(source, branch) {
      return branchAt(git, await find(source), branch);
    },

    async advance(projectId, source, branch, sha, expected) {
      const located = await find(source);
      if (!(await isAncestor(projectId, objectName(expected), objectName(sha)))) {
        throw new RepositoryError(
          'not_fast_forward',
          `Branch "${branch}" can only be moved forward, and ${sha.slice(0, 12)} does not contain ${expected.slice(0, 12)}.`,
        );
      }
      if (located.kind === 'local') {
        await ensureBare(git, neutralDir);
        await advanceLocal(git, located, { mirrorDir: gitDir(projectId), neutralDir, branch, sha, expected });
        return;
      }
      const pushed = await pushCommit(git, gitDir(projectId), located, branch, sha, expected);
      if (pushed.outcome === 'moved_on') throw movedOn(branch);
      if (pushed.outcome === 'refused') throw pushRefused(branch, pushed);
    },

    async deleteRemoteBranch(source, branch) {
      await ensureBare(git, neutralDir);
      const deleted = await pushCommit(git, neutralDir, await find(source), branch, '');
      if (deleted.outcome !== 'done') throw pushRefused(branch, deleted);
    },
  };
}
