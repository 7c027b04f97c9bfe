import { SandboxError } from '../../ports/sandbox.ts';
import { cutEnd, cutStart } from '#workflows/domain/text.ts';
import { byCodePoint, git } from './git-files.ts';
import type { ToolContext } from './tool.ts';
import { ToolFailure } from './tool-failure.ts';

/** Where to search: Git pathspecs as seen from a folder of the workspace. */
export interface SearchScope {
  folder: string;
  pathspecs: string[];
}

export interface SearchQuery {
  pattern: string;
  ignoreCase: boolean;
  /** The pattern is plain text. */
  literal?: boolean;
}

export interface Hit {
  file: string;
  line: number;
  text: string;
}

const LINE_CHARACTERS = 250;
/** Characters shown before the match in a line that is too long to be shown whole. */
const LEAD = 80;

/**
 * Number of matching lines of each file, sorted by path, relative to the scope's folder. Counting first keeps the
 * output small, however many lines match.
 */
export async function countHits(
  context: ToolContext,
  scope: SearchScope,
  query: SearchQuery,
): Promise<[file: string, hits: number][]> {
  const counted = await grep(context, scope, query, ['-c']);
  return records(counted)
    .map(([file = '', hits]): [string, number] => [decoded(file), Number(hits)])
    .sort(([a], [b]) => byCodePoint(a, b));
}

/** The matching lines of some files, in their order; none where the output is too large to read. */
export async function readHits(
  context: ToolContext,
  folder: string,
  files: readonly string[],
  query: SearchQuery,
): Promise<Hit[]> {
  const scope = { folder, pathspecs: files.map((file) => `:(literal)${file}`) };
  const output = await grep(context, scope, query, ['-n', '--column']).catch((error: unknown) => {
    if (error instanceof SandboxError && error.code === 'too_large') return '';
    throw error;
  });
  return records(output)
    .filter((fields) => fields.length >= 4)
    .map(([file = '', line, column, ...text]) => ({
      file: decoded(file),
      line: Number(line),
      text: shown(text.join('\0'), Number(column)),
    }))
    .sort((a, b) => byCodePoint(a.file, b.file) || a.line - b.line);
}

/** As Latin-1, where a character is a byte: columns count bytes. */
async function grep(context: ToolContext, scope: SearchScope, query: SearchQuery, shape: string[]): Promise<string> {
  const run = (dialect: string) =>
    git(context, scope.folder, [
      'grep',
      ...shape,
      '-z',
      '-I',
      '--untracked',
      dialect,
      ...(query.ignoreCase ? ['-i'] : []),
      '-e',
      query.pattern,
      '--',
      ...scope.pathspecs,
    ]);
  let result = await run(query.literal ? '-F' : '-P');
  if (result.exitCode > 1 && /perl-compatible|libpcre/i.test(result.stderr)) result = await run('-E');
  if (result.exitCode > 1) throw new ToolFailure('failed', refused(query.pattern, result.stderr));
  return result.stdout.toString('latin1');
}

const records = (output: string): string[][] =>
  output
    .split('\n')
    .filter(Boolean)
    .map((record) => record.split('\0'));

const decoded = (latin1: string): string => Buffer.from(latin1, 'latin1').toString();

/** A long line's part around the match; `column` counts bytes from 1. */
function shown(line: string, column: number): string {
  const text = decoded(line).replace(/\r$/, '');
  if (text.length <= LINE_CHARACTERS) return text;
  const at = decoded(line.slice(0, column - 1)).length;
  const from = at + LEAD < LINE_CHARACTERS ? 0 : at - LEAD;
  return `${from > 0 ? '...' : ''}${cutStart(cutEnd(text, text.length - from), LINE_CHARACTERS)}${from + LINE_CHARACTERS < text.length ? '...' : ''}`;
}

/** Escapes the special characters of regular expressions. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function refused(pattern: string, stderr: string): string {
  const message = cutStart(stderr.trim().replace(/^fatal: /, ''), 500);
  return `The search failed: ${message || 'git grep gave no reason (it may have taken too long: narrow it with path or glob)'}. If you mean the text literally, call search_files with pattern ${JSON.stringify(escapePattern(pattern))}; otherwise correct the expression.`;
}
