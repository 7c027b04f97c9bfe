import { extname } from 'node:path';
import { cutStart } from '#workflows/domain/text.ts';
import type { ToolContext } from './tool.ts';

interface Checker {
  /** Reads the file's text from its standard input. */
  argv: string[];
  /** The problems in its output, one in a line; undefined for none and where the program is missing. */
  problems(result: { exitCode: number; stdout: string; stderr: string }): string | undefined;
}

const parsePython = `import ast, sys
try:
    ast.parse(sys.stdin.buffer.read())
except SyntaxError as error:
    print(f"line {error.lineno}: {error.msg}")
    sys.exit(9)`;

/** Lines of standard error, when the program ended with this code. */
const fromErrors =
  (code: number, pattern: RegExp): Checker['problems'] =>
  ({ exitCode, stderr }) => {
    const lines = stderr.split('\n').filter((line) => pattern.test(line));
    return exitCode === code && lines.length > 0 ? lines.slice(0, 5).join('\n') : undefined;
  };

/** Checkers of languages that the platform does not parse itself. */
const checkers: Readonly<Record<string, Checker>> = {
  '.py': {
    argv: ['python3', '-I', '-c', parsePython],
    problems: ({ exitCode, stdout }) => (exitCode === 9 ? stdout.trim() : undefined),
  },
  '.go': { argv: ['gofmt', '-e'], problems: fromErrors(2, /^<standard input>:\d/) },
  '.rs': { argv: ['rustfmt', '--edition', '2021', '--check'], problems: fromErrors(1, /^error|^\s*--> <stdin>/) },
  '.sh': { argv: ['bash', '-n'], problems: fromErrors(2, /line \d+:/) },
  '.rb': { argv: ['ruby', '-c'], problems: fromErrors(1, /^-:\d+:/) },
};

/** Milliseconds after which an edit does not wait for its checker. */
const patience = 2000;

/** A note on the syntax errors of a file that was written; undefined for none, and where no checker answers in time. */
export async function diagnosticsOf({ sandbox }: ToolContext, path: string): Promise<string | undefined> {
  const ending = extname(path).toLowerCase();
  const checker = Object.hasOwn(checkers, ending) ? checkers[ending] : undefined;
  if (!checker) return undefined;
  const { port, id } = sandbox;
  const input = await port.readFile(id, path);
  const { exitCode, stdout, stderr } = await port.exec(id, checker.argv, { timeoutMs: patience, input });
  const found = checker.problems({ exitCode, stdout: stdout.toString(), stderr });
  return (
    found &&
    `It does not parse (${checker.argv[0]}). Fix it with edit_file unless that is meant.\n${cutStart(found, 1000)}`
  );
}
