import { RepositoryError } from '../../ports/repositories.ts';
import { cutStart } from '#workflows/domain/text.ts';

/** Longest part of a name in bytes: a file system must hold the name of its lock. */
const longestPart = 250;
const longestRef = 1000;

/** Git's rules for ref names (git-check-ref-format); also, a name must not look like an option. */
function refProblem(name: string): string | undefined {
  if (name === '' || Buffer.byteLength(name) > longestRef) return 'it is empty or too long';
  if (name.includes('\uFFFD')) return 'it is not UTF-8';
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(name)) return 'it holds a space or one of ~ ^ : ? * [ \\';
  if (name.includes('..') || name.includes('@{') || name === '@') return 'it holds ".." or "@{"';
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock')))
    return 'one of its parts is empty, begins with "." or ends in ".lock"';
  if (parts.some((part) => Buffer.byteLength(part) > longestPart)) return 'one of its parts is too long';
  if (name.startsWith('-')) return 'it begins with "-"';
  if (name.endsWith('.')) return 'it ends in "."';
  return undefined;
}

function checked(name: string, shown: string): string {
  const problem = refProblem(name);
  if (problem) throw new RepositoryError('bad_ref', `"${shown}" cannot be the name of a branch: ${problem}.`);
  return name;
}

/**
 * Full name of a branch's ref.
 * @throws RepositoryError('bad_ref')
 */
export const branchRef = (branch: string): string => `refs/heads/${checked(branch, branch)}`;

/** A full ref unchanged, any other name as a branch. @throws RepositoryError('bad_ref') */
export const fullRef = (ref: string): string => (ref.startsWith('refs/') ? checked(ref, ref) : branchRef(ref));

/** Git's id of the tree without files. */
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const objectId = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** @throws RepositoryError('bad_ref') for anything but a full object id. */
export function objectName(id: string): string {
  if (!objectId.test(id))
    throw new RepositoryError('bad_ref', `"${cutStart(id, 80)}" is not a commit id of 40 hex digits.`);
  return id;
}

/**
 * Checks a revision that is passed to git: an id, a ref, or one of these followed by ~n or ^n.
 * @throws RepositoryError('bad_ref')
 */
export function revision(rev: string): string {
  const bare = rev.replace(/[~^][0-9~^]*$/, '');
  checked(bare, rev);
  return rev;
}
