import { mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { RepositoryError } from '../../../ports/repositories.ts';
import { cutEnd } from '#workflows/domain/text.ts';
import { originRefs } from '../../repositories/mirror.ts';
import { keepRef } from '../local/jail.ts';
import { hostPath } from '../local/processes.ts';
import { run, type Ran } from '../local/run.ts';

/** The commits of a mirror on their way to a sandbox on another machine. */
export interface Outgoing {
  /** A pack; whoever gets it deletes its folder. */
  file: string;
  /** The text of HEAD. */
  head: string;
  /** The text of packed-refs: the default branch, the branches of origin and the tags. */
  refs: string;
  /** The text of `shallow`; '' for a whole history. */
  shallow: string;
}

/** Commits that came from a sandbox, with what must be true of them. */
export interface Incoming {
  /** The pack; undefined when the mirror has the objects. */
  file?: string;
  sha: string;
  /** Undefined: `sha` is a tree. */
  tree?: string;
  /** The commit that the work began with: `sha` leads to it. */
  base: string;
  /** `sha` is this commit, or its first parent is. */
  parent?: string;
  /** Set to `sha`. */
  ref?: string;
}

const env = {
  PATH: hostPath,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
};
const timeoutMs = 600_000;

/** Moves commits between the mirrors of this machine and sandboxes on others. Part of the process that runs git. */
export function createPacks(dataDir: string, gitDirOf: (projectId: string) => string) {
  const git = (projectId: string, args: string[], options: { input?: string; stdinFile?: string } = {}): Promise<Ran> =>
    run(['git', '--git-dir', gitDirOf(projectId), '-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', ...args], {
      env,
      maxBytes: 64 * 2 ** 20,
      timeoutMs,
      ...options,
    });
  async function text(
    projectId: string,
    args: string[],
    options?: { input?: string; stdinFile?: string },
  ): Promise<string> {
    const ran = await git(projectId, args, options);
    if (ran.exitCode === 0) return ran.stdout.toString().trim();
    throw new RepositoryError('git_failed', `Git failed on the mirror: ${cutEnd(ran.stderr.trim(), 300)}`);
  }

  /** A folder of its own for one pack. */
  async function folder(): Promise<string> {
    const at = path.join(dataDir, 'packs');
    await mkdir(at, { recursive: true, mode: 0o700 });
    await sweep(at);
    return mkdtemp(path.join(at, 'pack-'));
  }

  async function pack(projectId: string, revisions: string[]): Promise<string> {
    const at = await folder();
    try {
      const name = await text(projectId, ['pack-objects', '--revs', '--quiet', path.join(at, 'out')], {
        input: `${revisions.join('\n')}\n`,
      });
      return path.join(at, `out-${name}.pack`);
    } catch (error) {
      await rm(at, { recursive: true, force: true });
      throw error;
    }
  }

  return {
    folder,

    /** Everything that a sandbox begins with. The base stays in the mirror while the sandbox exists. */
    async outgoing(projectId: string, id: string, base: string, files: string): Promise<Outgoing> {
      await text(projectId, ['update-ref', keepRef(id), base]);
      const head = (await git(projectId, ['symbolic-ref', 'HEAD'])).stdout.toString().trim();
      const listed = await text(projectId, [
        ...['for-each-ref', '--format=%(objectname) %(refname)', originRefs, 'refs/omoios/tags/'],
        ...(head ? [head] : []),
      ]);
      const refs = listed.split('\n').filter((line) => line !== '');
      const file = await pack(projectId, [base, files, ...refs.map((line) => line.split(' ')[0] ?? '')]);
      const shallow = await readFile(path.join(gitDirOf(projectId), 'shallow'), 'utf8').catch(() => '');
      return {
        file,
        head: head ? `ref: ${head}\n` : 'ref: refs/heads/main\n',
        refs: [
          '# pack-refs with: ',
          ...refs.sort((a, b) => ((a.split(' ')[1] ?? '') < (b.split(' ')[1] ?? '') ? -1 : 1)),
          '',
        ].join('\n'),
        shallow,
      };
    },

    /** A pack of what a sandbox with the known commits lacks of a commit. */
    missing: (projectId: string, sha: string, known: string[]): Promise<string> =>
      pack(projectId, [sha, ...known.map((one) => `^${one}`)]),

    /** Those of the objects that the mirror has. */
    async known(projectId: string, ids: string[]): Promise<string[]> {
      const found = await text(projectId, ['cat-file', '--batch-check=%(objectname)'], {
        input: `${ids.join('\n')}\n`,
      });
      return found.split('\n').filter((line) => ids.includes(line));
    },

    /** Takes commits into the mirror. A sandbox may say anything: what it sent is checked as a stranger's. */
    async take(projectId: string, { file, sha, tree, base, parent, ref }: Incoming): Promise<void> {
      if (file) await text(projectId, ['index-pack', '--stdin', '--fix-thin', '--strict'], { stdinFile: file });
      await text(projectId, ['rev-list', '--objects', '--quiet', sha, '--not', base]);
      if (tree !== undefined) {
        const [found, ...parents] = (await text(projectId, ['log', '-1', '--format=%T %P', sha])).split(' ');
        const follows =
          parent === undefined
            ? (await git(projectId, ['merge-base', '--is-ancestor', base, sha])).exitCode === 0
            : sha === parent || parents[0] === parent;
        if (found !== tree || !follows)
          throw new RepositoryError('git_failed', 'The sandbox sent another commit than the one that it named.');
      }
      if (ref) await text(projectId, ['update-ref', ref, sha]);
    },

    /** Deletes what keeps the base of a sandbox. */
    forget: async (projectId: string, id: string): Promise<void> => {
      await git(projectId, ['update-ref', '-d', keepRef(id)]);
    },
  };
}

export type Packs = ReturnType<typeof createPacks>;

const abandonedAfterMs = 3_600_000;

/** Deletes packs of a process that ended before it sent or took them. */
async function sweep(at: string): Promise<void> {
  for (const name of await readdir(at)) {
    const found = await stat(path.join(at, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs)
      await rm(path.join(at, name), { recursive: true, force: true });
  }
}
