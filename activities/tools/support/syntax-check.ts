import { extname } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { lineAt } from './file-text.ts';

export interface SyntaxProblem {
  message: string;
  /** Line number from 1; absent where the parser gives none. */
  line?: number;
}

type Parser = (path: string, text: string) => SyntaxProblem | undefined | Promise<SyntaxProblem | undefined>;

const parsers: Record<string, Parser> = {
  '.json': parseJson,
  '.yaml': parseYaml,
  '.yml': parseYaml,
  ...Object.fromEntries(
    ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'].map((ending) => [ending, parseScript]),
  ),
};

/** Files with more characters are not parsed: the parse would block the worker for too long. */
const MAX_CHARACTERS = 2_000_000;

/** Brackets that are open at once. Parsers run out of stack or memory beyond some thousands. */
const MAX_DEPTH = 1000;

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\](){}]/g)) {
    depth += '[({'.includes(bracket) ? 1 : -1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** The first syntax error of a JSON, YAML, JavaScript or TypeScript file; undefined for none and for other files. */
export async function syntaxProblem(path: string, text: string): Promise<SyntaxProblem | undefined> {
  const parser = Object.hasOwn(parsers, extname(path).toLowerCase()) ? parsers[extname(path).toLowerCase()] : undefined;
  if (text.length > MAX_CHARACTERS || isTooDeep(text)) return undefined;
  try {
    return await parser?.(path, text);
  } catch (error) {
    // The stack is too small for the nesting of the file, which may be right.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The syntax error that a change causes. A file that had an error before may be edited, so that it can be fixed. */
export async function newSyntaxProblem(
  path: string,
  before: string,
  after: string,
): Promise<SyntaxProblem | undefined> {
  const problem = await syntaxProblem(path, after);
  return problem && ((await syntaxProblem(path, before)) ? undefined : problem);
}

/** JSON files of tools that allow comments and trailing commas in them. */
const LENIENT_JSON =
  /(?:^|\/)(?:[tj]sconfig[^/]*\.json|\.vscode\/[^/]+|\.devcontainer\/[^/]+|devcontainer\.json|\.eslintrc\.json)$/;

async function parseJson(path: string, text: string): Promise<SyntaxProblem | undefined> {
  if (LENIENT_JSON.test(path)) {
    const { default: ts } = await import('typescript');
    const { error } = ts.parseConfigFileTextToJson(path, text);
    return (
      error && {
        message: ts.flattenDiagnosticMessageText(error.messageText, ' '),
        line: lineAt(text, error.start ?? 0),
      }
    );
  }
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined ? { message } : { message, line: lineAt(text, Number(position)) };
  }
}

function parseYaml(_path: string, text: string): SyntaxProblem | undefined {
  const error = [parseAllDocuments(text, { logLevel: 'silent' })].flat().flatMap((document) => document.errors)[0];
  return error && { message: error.message.split('\n')[0] ?? error.code, line: error.linePos?.[0].line };
}

/** Only the file itself is parsed: no types, no imports. */
async function parseScript(path: string, text: string): Promise<SyntaxProblem | undefined> {
  // Loaded on first use: it is large, and the first edit usually comes long after the worker's start.
  const { default: ts } = await import('typescript');
  const options = {
    noLib: true,
    noResolve: true,
    types: [],
    allowJs: true,
    jsx: ts.JsxEmit.Preserve,
    target: ts.ScriptTarget.Latest,
  };
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const program = ts.createProgram([path], options, {
    ...ts.createCompilerHost(options),
    getSourceFile: (name) => (name === path ? source : undefined),
    fileExists: (name) => name === path,
    readFile: (name) => (name === path ? text : undefined),
    writeFile: () => undefined,
  });
  const [error] = program.getSyntacticDiagnostics(source);
  return (
    error && { message: ts.flattenDiagnosticMessageText(error.messageText, ' '), line: lineAt(text, error.start ?? 0) }
  );
}
