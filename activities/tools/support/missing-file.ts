import { posix } from 'node:path';
import { SandboxError } from '../../ports/sandbox.ts';
import { gitFiles } from './git-files.ts';
import { similarNames } from './similar-names.ts';
import type { ToolContext } from './tool.ts';
import { ToolFailure } from './tool-failure.ts';

/** The failure for a path that does not exist, with up to 3 similar names. */
export async function missingFile(context: ToolContext, path: string, next: string): Promise<ToolFailure> {
  const near = similarNames(
    path,
    [...(await gitFiles(context, '').catch(none)), ...(await siblings(context, path))],
    3,
  );
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(', ')}?`
      : 'No file has a name like it: call list_files to see what is there.';
  return new ToolFailure('not_found', `There is no ${path}. ${hint} ${next}`);
}

/** Files in the same folder, including ignored ones (.env). */
async function siblings({ sandbox }: ToolContext, path: string): Promise<string[]> {
  const folder = posix.dirname(path);
  const names = await sandbox.port.readDirectory(sandbox.id, folder === '.' ? '' : folder).catch(none);
  return names.filter((name) => !name.endsWith('/')).map((name) => posix.join(folder, name));
}

function none(error: unknown): string[] {
  if (error instanceof ToolFailure || (error instanceof SandboxError && error.code !== 'lost')) return [];
  throw error;
}
