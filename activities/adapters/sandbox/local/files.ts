import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, read as readCallback, readdirSync, type Stats } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { SandboxError } from '../../../ports/sandbox.ts';
import { Folder, openRegular, walk, type Place, type WalkOptions } from './walk.ts';

const read = promisify(readCallback);

/** Largest file in bytes that is read into memory. */
const maxFileBytes = 64 * 2 ** 20;

export interface FileAccess extends WalkOptions {
  /** Folder on the file system of the workspace, out of the agent's reach. */
  staging: string;
  writable: boolean;
  /** User id that owns new files; undefined: the platform's own user. */
  owner: number | undefined;
}

const isDirectory = (place: Place) => new SandboxError('is_directory', `${place.shown} is a folder.`);
const notFound = (place: Place) => new SandboxError('not_found', `There is no file ${place.shown}.`);
const notAFile = (place: Place) => new SandboxError('not_a_file', `${place.shown} is neither a file nor a folder.`);

/** Walks to the path and acts there. Errors are translated to those of the port. */
async function visit<T>(wanted: string, options: WalkOptions, act: (place: Place) => T | Promise<T>): Promise<T> {
  let place: Place | undefined;
  try {
    place = walk(wanted, options);
    return await act(place);
  } catch (error) {
    throw inPortsWords(error, wanted);
  } finally {
    place?.close();
  }
}

function inPortsWords(error: unknown, wanted: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENAMETOOLONG':
      return new SandboxError('not_found', `There is no file ${wanted}.`);
    case 'ENOTDIR':
    case 'ELOOP':
      return new SandboxError('not_directory', `A folder on the way to ${wanted} is none.`);
    case 'EISDIR':
      return new SandboxError('is_directory', `${wanted} is a folder.`);
    case 'EACCES':
    case 'EPERM':
      return new SandboxError('denied', `The permissions of ${wanted} or its folder do not allow this.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return new SandboxError('disk_full', `The disk is full: ${wanted} was not written.`);
    default:
      return error;
  }
}

/** The content of a file. @throws SandboxError: not_found, is_directory, not_a_file, too_large, or those of `walk`. */
export function readFile(wanted: string, access: FileAccess): Promise<Buffer> {
  return visit(wanted, access, async (place) => {
    if (!place.found) throw notFound(place);
    if (place.found.isDirectory()) throw isDirectory(place);
    const file = openRegular(place.at);
    if (!file) throw notAFile(place);
    try {
      if (file.size > maxFileBytes)
        throw new SandboxError('too_large', `${wanted} has ${file.size} bytes; at most ${maxFileBytes} are read.`);
      return await readWhole(file.fd, file.size);
    } finally {
      closeSync(file.fd);
    }
  });
}

/** Reads at most the size that the file had when it was opened. A file that shrinks meanwhile gives less. */
async function readWhole(fd: number, size: number): Promise<Buffer> {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const { bytesRead } = await read(fd, content, at, size - at, at);
    if (bytesRead === 0) return content.subarray(0, at);
    at += bytesRead;
  }
  return content;
}

/**
 * Writes a file as a whole or not at all; missing folders are created.
 * @throws SandboxError: read_only, is_directory, not_a_file, disk_full, or those of `walk`.
 */
export function writeFile(wanted: string, content: Buffer, access: FileAccess): Promise<void> {
  if (!access.writable) throw new SandboxError('read_only', 'The workspace is read-only.');
  const give = (at: string) => {
    if (access.owner !== undefined) chownSync(at, access.owner, access.owner);
  };
  return visit(wanted, { ...access, make: { made: give } }, async (place) => {
    if (place.found?.isDirectory()) throw isDirectory(place);
    if (place.found && !place.found.isFile()) throw notAFile(place);
    const fresh = path.join(access.staging, randomBytes(8).toString('hex'));
    try {
      const handle = await open(fresh, 'wx', 0o600);
      try {
        await handle.writeFile(content);
        if (access.owner !== undefined) await handle.chown(access.owner, access.owner);
        await handle.chmod(place.found ? place.found.mode & 0o777 : 0o644);
      } finally {
        await handle.close();
      }
      await rename(fresh, place.at);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  });
}

const kindOf = (found: Stats) => (found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other');

/** Kind and size in bytes of an entry; undefined when there is none. */
export async function stat(
  wanted: string,
  access: FileAccess,
): Promise<{ kind: 'file' | 'directory' | 'other'; size: number } | undefined> {
  try {
    return await visit(wanted, access, ({ found }) => found && { kind: kindOf(found), size: found.size });
  } catch (error) {
    if (error instanceof SandboxError && (error.code === 'not_found' || error.code === 'not_directory'))
      return undefined;
    throw error;
  }
}

/** The names in a folder. @throws SandboxError: not_found, not_directory, or those of `walk`. */
export function readDirectory(wanted: string, access: FileAccess): Promise<string[]> {
  return visit(wanted, access, (place) => {
    if (!place.found) throw notFound(place);
    if (!place.found.isDirectory()) throw new SandboxError('not_directory', `${wanted} is not a folder.`);
    const folder = Folder.open(place.at);
    try {
      const entries = readdirSync(folder.at, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
    } finally {
      folder.close();
    }
  });
}
