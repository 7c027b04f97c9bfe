import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RepositoryError, type RepositoryAccess, type RepositorySource } from '../../ports/repositories.ts';
import { gitFailed, localService, type Git } from './git-command.ts';
import { openRemote } from './remote.ts';

/** A source with a checked address: a repository on this machine, or one that git reaches itself. */
export type Source = LocalSource | RemoteSource;

export interface RemoteSource {
  kind: 'remote';
  address: string;
  /** Variables with which git signs in and reaches only the checked addresses. */
  env: Record<string, string>;
}

export interface LocalSource {
  kind: 'local';
  /** Real path of the source: the top of the working tree, or the bare repository. */
  address: string;
  /** The repository's own folder; a linked working tree shares `commonDir`. */
  gitDir: string;
  commonDir: string;
  bare: boolean;
  /** The folders that it was found in. */
  roots: Roots;
}

/** Folders in which repositories must be; undefined: anywhere. */
export type Roots = string[] | undefined;

const inside = (folder: string, file: string) =>
  file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

async function realRoots(roots: string[]): Promise<string[]> {
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return real.filter((root) => root !== undefined);
}

/** Checks that a path is in one of the roots. @throws RepositoryError('outside_roots') */
export async function assertInRoots(roots: Roots, file: string): Promise<void> {
  if (!roots) return;
  const real = await realRoots(roots);
  if (real.some((root) => inside(root, file))) return;
  throw new RepositoryError(
    'outside_roots',
    'This path lies outside the folders that repositories of this organization may come from (OMOIOS_REPO_ROOTS).',
  );
}

/**
 * Checks the address of a repository and finds the repository there.
 * @throws RepositoryError: outside_roots, not_a_repository, unreachable.
 */
export async function locate(git: Git, source: RepositorySource, access: RepositoryAccess): Promise<Source> {
  const { roots } = access;
  const given = source.path || source.url;
  if (!given || (source.path && source.url))
    throw new RepositoryError('not_a_repository', 'Give the repository either a path or a URL.');
  if (source.path) return locatePath(git, source.path, roots);
  if (given.startsWith('file:')) return locatePath(git, pathOfUrl(given), roots);
  if (!isRemoteAddress(given)) {
    throw new RepositoryError(
      'not_a_repository',
      'Git cannot fetch from this address: use https://, ssh://, git:// or user@host:path.',
    );
  }
  return { kind: 'remote', address: given, env: openRemote(given, access) };
}

function isRemoteAddress(address: string): boolean {
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x20\x7f]/.test(address)) return false;
  const url = /^(https?|ssh|git):\/\/(?!-)[^/]/.test(address);
  // user@host:path, and no "transport::address", which would run a remote helper.
  const scp = /^(?:[\w.][\w.-]*@)?[\w.][\w.-]*:(?![:/]{2})[^-]/.test(address) && !address.includes('::');
  return url || scp;
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new RepositoryError('not_a_repository', 'This file: URL names no path on this machine.');
  }
}

async function locatePath(git: Git, given: string, roots: Roots): Promise<LocalSource> {
  if (!path.isAbsolute(given))
    throw new RepositoryError('not_a_repository', 'Give the repository as an absolute path.');
  const real = await realpath(given).catch(() => undefined);
  // A missing path is checked as written, so that the answer does not show which paths exist outside the roots.
  await assertInRoots(roots, real ?? path.resolve(given));
  if (real === undefined) throw new RepositoryError('not_a_repository', `There is nothing at ${given}.`);
  if (!(await stat(real)).isDirectory())
    throw new RepositoryError('not_a_repository', `${given} is a file, not a repository.`);

  const asked = [
    'rev-parse',
    '--is-bare-repository',
    '--absolute-git-dir',
    '--path-format=absolute',
    '--git-common-dir',
  ];
  // The folder itself must be the repository, not one above it.
  const answer = await git.run(['-C', real, ...asked], { env: { GIT_CEILING_DIRECTORIES: path.dirname(real) } });
  if (answer.exitCode !== 0) {
    if (/not a git repository/i.test(answer.stderr)) {
      throw new RepositoryError(
        'not_a_repository',
        `${given} is not a Git repository. Run "git init" there, or name the repository's own top folder.`,
      );
    }
    throw gitFailed(answer.stderr);
  }
  const [bare, gitDir = '', commonDir = ''] = answer.stdout.toString().trimEnd().split('\n');
  const found: LocalSource = {
    kind: 'local',
    address: real,
    bare: bare === 'true',
    gitDir: await realpath(gitDir),
    commonDir: await realpath(commonDir),
    roots,
  };
  await assertInRoots(roots, found.gitDir);
  await assertInRoots(roots, found.commonDir);
  await assertAlternatesInRoots(roots, found.commonDir);
  return found;
}

/** A repository can use the objects of another one, but only inside the roots. */
async function assertAlternatesInRoots(roots: Roots, commonDir: string): Promise<void> {
  if (!roots) return;
  const objects = path.join(commonDir, 'objects');
  await assertInRoots(roots, await realpath(objects));
  const alternates = await readFile(path.join(objects, 'info/alternates'), 'utf8').catch(() => '');
  for (const line of alternates.split('\n').filter((l) => l && !l.startsWith('#'))) {
    const real = await realpath(path.resolve(objects, line)).catch(() => undefined);
    if (real) await assertInRoots(roots, real);
  }
}

/** Arguments for a fetch from or push to the source that disable its hooks. */
export function serviceFlags(source: Source, service: 'upload-pack' | 'receive-pack'): string[] {
  return source.kind === 'local' ? [`--${service}=${localService(service)}`] : [];
}

/** Variables of git for the source. */
export const envOf = (source: Source): Record<string, string> => (source.kind === 'remote' ? source.env : {});
