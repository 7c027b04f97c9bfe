import { readFile, readdir, realpath, stat } from 'node:fs/promises';
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
  /** The folders that its parts may be in. */
  bounds: Bounds;
}

/** Folders in which every part of a repository must be (undefined: anywhere), and in which none may be. */
export interface Bounds {
  roots: string[] | undefined;
  foreign: string[];
  dataDir: string;
}

const inside = (folder: string, file: string) =>
  file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

async function realRoots(roots: string[]): Promise<string[]> {
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return real.filter((root) => root !== undefined);
}

/** The folder of the data folder that holds repositories of people: copies of the sample. */
const samples = 'samples';

/** Checks that a real path is in the bounds. @throws RepositoryError('outside_roots') */
export async function assertInBounds({ roots, foreign, dataDir }: Bounds, file: string): Promise<void> {
  const data = await realpath(dataDir).catch(() => path.resolve(dataDir));
  if (inside(data, file) && !inside(path.join(data, samples), file))
    throw new RepositoryError(
      'outside_roots',
      'This repository, or a part of it, lies in the data folder of OmoiOS. Name the repository that the work is for.',
    );
  const real = roots && (await realRoots(roots));
  if (real?.some((root) => inside(root, file)) === false || foreign.some((folder) => inside(folder, file)))
    throw new RepositoryError(
      'outside_roots',
      'This path lies outside the folders that repositories of this organization may come from (OMOIOS_REPO_ROOTS).',
    );
}

/**
 * Checks the address of a repository and finds the repository there.
 * @throws RepositoryError: outside_roots, not_a_repository, unreachable.
 */
export async function locate(
  git: Git,
  source: RepositorySource,
  access: RepositoryAccess,
  dataDir: string,
): Promise<Source> {
  const { roots, foreign = [] } = access;
  const bounds = { roots, foreign, dataDir };
  const given = source.path || source.url;
  if (!given || (source.path && source.url))
    throw new RepositoryError('not_a_repository', 'Give the repository either a path or a URL.');
  if (source.path) return locatePath(git, source.path, bounds);
  if (given.startsWith('file:')) return locatePath(git, pathOfUrl(given), bounds);
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

async function locatePath(git: Git, given: string, bounds: Bounds): Promise<LocalSource> {
  if (!path.isAbsolute(given))
    throw new RepositoryError('not_a_repository', 'Give the repository as an absolute path.');
  const real = await realpath(given).catch(() => undefined);
  // A missing path is checked as written, so that the answer does not show which paths exist outside the roots.
  await assertInBounds(bounds, real ?? path.resolve(given));
  if (real === undefined) throw new RepositoryError('not_a_repository', `There is nothing at ${given}.`);
  if (!(await stat(real)).isDirectory())
    throw new RepositoryError('not_a_repository', `${given} is a file, not a repository.`);

  // The folder itself must be the repository, not one above it.
  const env = { GIT_CEILING_DIRECTORIES: path.dirname(real) };
  // One value a call: a folder may have a newline in its name.
  const ask = async (...question: string[]) => {
    const answer = await git.run(['-C', real, 'rev-parse', ...question], { env });
    if (answer.exitCode === 0) return answer.stdout.toString().replace(/\n$/, '');
    if (/not a git repository/i.test(answer.stderr)) {
      throw new RepositoryError(
        'not_a_repository',
        `${given} is not a Git repository. Run "git init" there, or name the repository's own top folder.`,
      );
    }
    throw gitFailed(answer.stderr);
  };
  const [gitDir, commonDir, bare] = await Promise.all([
    ask('--absolute-git-dir').then((dir) => realpath(dir)),
    ask('--path-format=absolute', '--git-common-dir').then((dir) => realpath(dir)),
    ask('--is-bare-repository'),
  ]);
  await assertPartsInBounds(bounds, [gitDir, commonDir]);
  return { kind: 'local', address: real, bare: bare === 'true', gitDir, commonDir, bounds };
}

/** How deep git looks for objects in the objects of other repositories. */
const alternatesDepth = 5;

/**
 * Checks every part of a repository that git reads or writes: its folders, the links in them, and the repositories whose
 * objects it uses. A bind mount counts as a part of the folder that it is in: only root can make one that this process
 * sees, while links, alternates and linked working trees are made by anyone who may write there.
 */
async function assertPartsInBounds(bounds: Bounds, folders: string[]): Promise<void> {
  for (const folder of folders) {
    await assertInBounds(bounds, folder);
    for (const link of await linksIn(folder)) await assertInBounds(bounds, link);
  }
  let stores = await Promise.all(folders.map((folder) => realPathOf(path.join(folder, 'objects'))));
  for (let depth = 0; depth <= alternatesDepth && stores.length > 0; depth++) {
    const next: string[] = [];
    for (const objects of stores) {
      if (objects === undefined) continue;
      await assertInBounds(bounds, objects);
      const listed = await readFile(path.join(objects, 'info/alternates'), 'utf8').catch(() => '');
      for (const line of listed.split('\n').filter((l) => l && !l.startsWith('#')))
        next.push(path.resolve(objects, line));
    }
    stores = await Promise.all(next.map(realPathOf));
  }
}

const realPathOf = (file: string) => realpath(file).catch(() => undefined);

/** Parts of a git folder that a merge or push writes. */
const written = ['HEAD', 'packed-refs', 'shallow', 'index', 'objects', 'refs', 'logs', 'worktrees'];

/** Where the links among the parts of a git folder lead. */
async function linksIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const part of ['', 'objects', 'refs', 'refs/heads', 'logs', 'logs/refs']) {
    const dir = path.join(folder, part);
    for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isSymbolicLink() || (part === '' && !written.includes(entry.name))) continue;
      const real = await realPathOf(path.join(dir, entry.name));
      if (real !== undefined) found.push(real);
    }
  }
  return found;
}

/** Arguments for a fetch from or push to the source that disable its hooks. */
export function serviceFlags(source: Source, service: 'upload-pack' | 'receive-pack'): string[] {
  return source.kind === 'local' ? [`--${service}=${localService(service)}`] : [];
}

/** Variables of git for the source. */
export const envOf = (source: Source): Record<string, string> => (source.kind === 'remote' ? source.env : {});
