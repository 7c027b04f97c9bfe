import { posix } from 'node:path';
import { z } from 'zod';
import { defineTool } from './support/define-tool.ts';
import { readingSessions } from './support/tool.ts';
import { gitFiles, ignoredEntries } from './support/git-files.ts';
import { globPathspecs } from './support/glob.ts';
import { missingFile } from './support/missing-file.ts';
import { ToolFailure } from './support/tool-failure.ts';
import { counted, digits } from './support/wording.ts';
import { shownPath, workspacePath } from './support/workspace-path.ts';

const schema = z.strictObject({
  path: z.string().optional().meta({ description: 'Folder; the whole workspace by default.' }),
  glob: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Which files: "*.ts" at any depth, "src/**/*.test.ts", "*.{json,yaml}".' }),
});

const MAX_PATHS = 200;
const MAX_FOLDERS = 20;

export const listFiles = defineTool({
  name: 'list_files',
  sessions: readingSessions,
  effect: 'read',
  description: `List the paths of files below a folder, at any depth, sorted: at most ${MAX_PATHS}; beyond that the number of files in each folder. What .gitignore names is left out and counted.`,
  schema,
  async run({ path: given = '', glob }, context) {
    const { port, id } = context.sandbox;
    const folder = workspacePath(context, given);
    const found = await port.stat(id, folder);
    if (!found) throw await missingFile(context, folder, 'Call list_files without a path to see everything.');
    if (found.kind !== 'directory')
      throw new ToolFailure(
        'failed',
        `${folder} is a file. Call read_file to see it, or list_files on ${shownPath(posix.dirname(folder))}.`,
      );

    const pathspecs = glob === undefined ? [] : globPathspecs(glob, port.workspacePath(id));
    const [files, ignored] = await Promise.all([gitFiles(context, folder, pathspecs), ignoredEntries(context, folder)]);
    const paths = files.map((file) => posix.join(folder, file));
    const head = `${counted(paths.length, 'file')} under ${shownPath(folder)}${glob === undefined ? '' : ` for ${glob}`}; ${leftOut(ignored)}`;
    if (paths.length === 0) return { text: `${head}. ${hint(glob, ignored)}` };
    return { text: [head, ...paths.slice(0, MAX_PATHS), ...rest(paths, folder)].join('\n') };
  },
});

/** `3 ignored (dist/, node_modules/, ...)`. */
export function leftOut(ignored: readonly string[]): string {
  const names = ignored.slice(0, 3).join(', ') + (ignored.length > 3 ? ', ...' : '');
  return `${digits(ignored.length)} ignored${ignored.length > 0 ? ` (${names})` : ''}`;
}

function hint(glob: string | undefined, ignored: readonly string[]): string {
  const see = ignored.length > 0 ? ' What .gitignore names is seen with bash: ls, find.' : '';
  return `${glob === undefined ? 'The folder contains no files.' : 'Call list_files without the glob, or with a wider one such as "*part-of-name*".'}${see}`;
}

function rest(paths: readonly string[], folder: string): string[] {
  if (paths.length <= MAX_PATHS) return [];
  const counts = new Map<string, number>();
  for (const path of paths) {
    const [first = '', ...deeper] = posix.relative(folder, path).split('/');
    const name = deeper.length > 0 ? `${posix.join(folder, first)}/` : `${shownPath(folder)} itself`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const folders = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_FOLDERS)
    .map(([name, count]) => `${name} ${digits(count)}`);
  return [
    `[${MAX_PATHS} of ${digits(paths.length)} shown; give a path or a glob to see the rest. By folder: ${folders.join(', ')}${counts.size > MAX_FOLDERS ? ', ...' : ''}]`,
  ];
}
