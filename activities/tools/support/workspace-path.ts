import { posix } from 'node:path';
import type { ToolContext } from './tool.ts';
import { matchingGlob } from '#workflows/domain/path-globs.ts';
import { ToolFailure } from './tool-failure.ts';
import { quoted } from './wording.ts';

/**
 * The model's path relative to the workspace, normalised; '' is the workspace itself. The port follows links.
 * @throws ToolFailure for a path that leaves the workspace.
 */
export function workspacePath(context: Pick<ToolContext, 'sandbox'>, path: string): string {
  const root = context.sandbox.port.workspacePath(context.sandbox.id);
  const relative = path.startsWith('/') ? posix.relative(root, posix.normalize(path)) : posix.normalize(path);
  if (path.includes('\0'))
    throw new ToolFailure('failed', `The path ${quoted(path)} contains a NUL character. Call again without it.`);
  if (relative === '..' || relative.startsWith('../')) {
    throw new ToolFailure(
      'forbidden',
      `${path} is outside the workspace ${root}. The file tools stay inside it: name a path relative to it, and use bash for files elsewhere.`,
    );
  }
  return relative.replace(/\/+$/, '').replace(/^\.$/, '');
}

/** Like `workspacePath`, for a file that will be written. */
export function writablePath(context: Pick<ToolContext, 'sandbox' | 'forbidden_paths'>, path: string): string {
  const relative = workspacePath(context, path);
  if (relative === '')
    throw new ToolFailure('failed', `${quoted(path)} is the workspace itself. Call again with a file in it.`);
  if (relative === '.git' || relative.startsWith('.git/')) {
    throw new ToolFailure(
      'forbidden',
      `${relative} belongs to Git. Use git commands with bash instead of changing its files.`,
    );
  }
  const forbidden = matchingGlob(relative, context.forbidden_paths);
  if (forbidden !== undefined)
    throw new ToolFailure(
      'forbidden',
      `${relative} must not be changed: the person who launched this work forbids ${forbidden}. Work without it, or say by ask_user why it cannot be done so.`,
    );
  return relative;
}

/** A workspace path for people: the root is `.`. */
export const shownPath = (path: string): string => (path === '' ? '.' : path);
