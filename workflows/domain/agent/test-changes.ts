import { isNamed } from '../survey/is-named.ts';
import { exitCodeProblem } from './evidence-command.ts';

export interface ChangeGap {
  code: 'test_removed' | 'test_skipped' | 'conflict_marker' | 'check_weakened';
  message: string;
}

interface FileChange {
  path: string;
  deleted: boolean;
  /** Changed lines without their sign. */
  added: string[];
  removed: string[];
}

export const testPath =
  /(^|\/)(tests?|__tests__|specs?|e2e)\/|[._-](test|spec)\.[a-z]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py|rb|exs)$|Tests?\.(java|kt|cs|php)$/i;
const testStart =
  /^\s*(?:(?:await\s+)?[fx]?(?:test|it)(?:\.\w+)*\s*[(`]|[fx]?it\s+["']|(?:async\s+)?def test_|func Test|#\[(?:\w+::)?test\b|@Test\b|\[(?:Fact|Test|Theory)\b)/;
const title = /(['"`])(.+?)\1|\b(test_\w+|Test\w+)\b/;
const skipMark =
  /\b(?:test|it|describe|suite|t|this)\.(?:skip|todo|only|fixme|failing|fails)\b|\b(?:describe|test|it)(?:\.\w+)*\.(?:skip|only)\b|\b[xf](?:it|describe|test|context|specify)\b\s*[("'`]|@(?:pytest\.mark|unittest)\.(?:skip\w*|xfail|expectedFailure)|\bpytest\.skip\(|\bt\.Skip(?:f|Now)?\(|@(?:Disabled|Ignore)\b|#\[ignore\b|\bmarkTestSkipped\b|\(Skip\s*=|\bskip:\s*(?:true|['"`])/;
const conflictMark = /^(?:<{7}|>{7}|\|{7})(?: |$)/;
const script = /^\s*"((?:pre|post)?(?:test|check|lint|build|type)[\w:-]*)":\s*"((?:[^"\\]|\\.)*)"/;

/** Changed lines of each file of a unified diff. */
function changesOf(patch: string): FileChange[] {
  return patch
    .split(/^diff --git /m)
    .slice(1)
    .map((part) => {
      const lines = part.split('\n');
      const path =
        /^(?:--- a\/|rename from )(.+)$/m.exec(part)?.[1] ??
        /^\+\+\+ b\/(.+)$/m.exec(part)?.[1] ??
        lines[0]?.split(' b/')[1] ??
        '';
      const from = lines.findIndex((line) => line.startsWith('@@'));
      const body = from < 0 ? [] : lines.slice(from);
      const own = (sign: string) => body.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
      return { path, deleted: /^deleted file mode/m.test(part), added: own('+'), removed: own('-') };
    });
}

/** Titles of the tests that the lines declare. A skipped test keeps its title. */
function testsIn(lines: string[]): string[] {
  return lines
    .filter((line) => testStart.test(line))
    .map((line) => {
      const named = title.exec(line);
      return named?.[2] ?? named?.[3] ?? line.trim();
    });
}

/** The items of the first list that the second lacks. Repeated items are counted. */
function missing(all: string[], others: string[]): string[] {
  const left = [...others];
  return all.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const quoted = (titles: string[]) =>
  titles
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(', ') + (titles.length > 3 ? ` and ${titles.length - 3} more` : '');

/**
 * Changes in a diff that weaken the project's checks: removed or skipped tests, check scripts that hide their failure,
 * unresolved conflict markers. A test that moved or was renamed within its file does not count.
 * @param patch unified diff against the base.
 * @param removedTests the author's reason for removed tests. It excuses those that it names.
 */
export function changeGaps(patch: string, removedTests = ''): ChangeGap[] {
  const files = changesOf(patch);
  const tests = files.filter((file) => testPath.test(file.path));
  const come = tests.flatMap((file) => testsIn(file.added));
  const gone = tests.flatMap((file) => testsIn(file.removed));
  const gaps: ChangeGap[] = [];
  for (const file of files) {
    const conflict = file.added.find((line) => conflictMark.test(line));
    if (conflict)
      gaps.push({ code: 'conflict_marker', message: `${file.path} contains a conflict marker: ${conflict}` });
    if (file.path.endsWith('package.json')) gaps.push(...weakened(file));
  }
  for (const file of tests) {
    // As a report names them: by file or class, and title.
    const id = `${file.path} > ${file.path.replace(/\.\w+$/, '')}`;
    const lost = missing(testsIn(file.removed), come).filter((test) => !isNamed(`${id} > ${test}`, removedTests));
    const gained = missing(testsIn(file.added), gone);
    if (lost.length > gained.length)
      gaps.push({
        code: 'test_removed',
        message: `${file.path} ${file.deleted ? 'was deleted' : 'lost tests'}: ${quoted(lost)}. Put them back: tests of what the task does not remove must stay. If the task makes them superfluous, name each one or its file, with the reason, in removed_tests.`,
      });
    const skips = missing(
      file.added.filter((line) => skipMark.test(line)),
      file.removed,
    );
    if (skips.length > file.removed.filter((line) => skipMark.test(line)).length)
      gaps.push({ code: 'test_skipped', message: `${file.path} skips or singles out tests: ${skips[0]?.trim()}` });
  }
  return gaps;
}

function weakened(file: FileChange): ChangeGap[] {
  return file.added.flatMap((line) => {
    const [, name = '', command] = script.exec(line) ?? [];
    const problem = command === undefined ? undefined : exitCodeProblem(String(JSON.parse(`"${command}"`)));
    return problem
      ? [
          {
            code: 'check_weakened' as const,
            message: `The script "${name}" in ${file.path} ${problem}. A check has to be able to fail.`,
          },
        ]
      : [];
  });
}
