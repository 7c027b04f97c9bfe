import { posix } from 'node:path';
import { z } from 'zod';
import { defineTool } from './support/define-tool.ts';
import { gitFiles, ignoredEntries } from './support/git-files.ts';
import { globPathspecs } from './support/glob.ts';
import {
  countHits,
  escapePattern,
  type Hit,
  type SearchQuery,
  readHits,
  type SearchScope,
} from './support/git-grep.ts';
import { leftOut } from './list-files.ts';
import { missingFile } from './support/missing-file.ts';
import { readingSessions, type ToolContext } from './support/tool.ts';
import { ToolFailure } from './support/tool-failure.ts';
import { counted, digits, quoted } from './support/wording.ts';
import { shownPath, workspacePath } from './support/workspace-path.ts';

const schema = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .meta({
      description: 'Perl-compatible regular expression, which never spans lines.',
      examples: ['function \\w+Total\\('],
    }),
  path: z.string().optional().meta({ description: 'File or folder; the whole workspace by default.' }),
  glob: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Which files: "*.ts" at any depth, "src/**/*.test.ts", "*.{json,yaml}".' }),
  ignore_case: z.boolean().optional().meta({ description: 'Upper and lower case match.' }),
});

const MAX_HITS = 100;
const MAX_FURTHER_FILES = 30;

export const searchFiles = defineTool({
  name: 'search_files',
  sessions: readingSessions,
  effect: 'read',
  description: `Search the content of text files. Matching lines come grouped by file with their numbers: ${MAX_HITS} at most, 250 characters of each. What .gitignore names and binary files are left out.`,
  schema,
  async run(input, context) {
    const { pattern, glob } = input;
    if (/[\r\n]/.test(pattern))
      throw new ToolFailure(
        'failed',
        'The pattern contains a line break, but lines are matched one by one. Call search_files with the most telling one of its lines.',
      );
    const scope = await scopeOf(input, context);
    const query = { pattern, ignoreCase: input.ignore_case ?? false };
    const where = `${shownPath(workspacePath(context, input.path ?? ''))}${glob === undefined ? '' : ` for ${glob}`}`;

    const [counts, ignored] = await Promise.all([
      countHits(context, scope, query),
      ignoredEntries(context, scope.folder),
    ]);
    if (counts.length === 0) return { text: await nothingFound(context, scope, query, where, ignored) };
    const files = filesToShow(counts);
    const hits = (await readHits(context, scope.folder, files, query)).slice(0, MAX_HITS);
    return {
      text: report(counts, hits, scope.folder, `${quoted(pattern)} under ${where}; ${digits(ignored.length)} ignored`),
    };
  },
});

async function scopeOf(
  { path: given = '', glob }: z.output<typeof schema>,
  context: ToolContext,
): Promise<SearchScope> {
  const { port, id } = context.sandbox;
  const path = workspacePath(context, given);
  const found = await port.stat(id, path);
  if (!found) throw await missingFile(context, path, 'Call search_files without a path to search everything.');
  if (found.kind === 'directory')
    return { folder: path, pathspecs: glob === undefined ? [] : globPathspecs(glob, port.workspacePath(id)) };
  const folder = posix.dirname(path);
  return { folder: folder === '.' ? '' : folder, pathspecs: [`:(literal)${posix.basename(path)}`] };
}

/** The first files, as many as are needed for the matches that are shown. */
function filesToShow(counts: readonly [string, number][]): string[] {
  const files: string[] = [];
  let hits = 0;
  for (const [file, count] of counts) {
    if (hits >= MAX_HITS) break;
    files.push(file);
    hits += count;
  }
  return files;
}

function report(counts: readonly [string, number][], hits: readonly Hit[], folder: string, what: string): string {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const head = `${counted(total, 'matching line')} in ${counted(counts.length, 'file')} for ${what}${hits.length < total ? `; ${digits(hits.length)} shown` : ''}`;
  const lines = hits.flatMap((hit, index) => [
    ...(hits[index - 1]?.file === hit.file ? [] : [posix.join(folder, hit.file)]),
    `  ${hit.line}: ${hit.text}`,
  ]);
  if (hits.length === total) return [head, ...lines].join('\n');

  const further = counts
    .map(([file, count]): [string, number] => [file, count - hits.filter((hit) => hit.file === file).length])
    .filter(([, left]) => left > 0);
  const named = further
    .slice(0, MAX_FURTHER_FILES)
    .map(([file, left]) => `${posix.join(folder, file)} ${digits(left)}`);
  return [
    head,
    ...lines,
    `[Not shown: ${named.join(', ')}${further.length > named.length ? `, and ${counted(further.length - named.length, 'file')}` : ''}. Call search_files with a narrower pattern, path or glob to see them.]`,
  ].join('\n');
}

/** Names the searched files, and a small change of the query that has matches. */
async function nothingFound(
  context: ToolContext,
  scope: SearchScope,
  query: SearchQuery,
  where: string,
  ignored: readonly string[],
): Promise<string> {
  const files = await gitFiles(context, scope.folder, scope.pathspecs);
  const head = `No matching line for ${quoted(query.pattern)} in ${counted(files.length, 'file')} under ${where}; ${leftOut(ignored)}.`;
  const ignoredNote = ignored.length > 0 ? ' What .gitignore names is searched with bash: grep -rn.' : '';
  if (files.length === 0) return `${head} Call list_files to see which files there are.${ignoredNote}`;

  const everywhere: SearchScope = { folder: '', pathspecs: [] };
  const others: { hint: string; scope: SearchScope; query: SearchQuery }[] = [
    { hint: 'with ignore_case: true', scope, query: { ...query, ignoreCase: true } },
    {
      hint: `as literal text, pattern ${JSON.stringify(escapePattern(query.pattern))}`,
      scope,
      query: { ...query, literal: true },
    },
    { hint: 'in the whole workspace, without path and glob', scope: everywhere, query },
  ];
  const found = await Promise.all(
    others.map(async (other) => ({
      hint: other.hint,
      files: (await countHits(context, other.scope, other.query)).length,
    })),
  );
  const better = found
    .filter((other) => other.files > 0)
    .map((other) => `${other.hint} (${counted(other.files, 'file')})`);
  return `${head} ${better.length > 0 ? `It is found ${better.join('; ')}.` : 'Try a shorter or more general pattern, or list_files for names.'}${ignoredNote}`;
}
