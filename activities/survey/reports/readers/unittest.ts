import { joinId } from '../junit.ts';
import { printing } from '../printing.ts';
import type { ReportReader } from '../reader.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';

const header = /^\s*([\w.]+) \(([\w.]+)\)(?: \[.*\]| \(.*\))?(?:$| \.\.\. ?(.*)$)/;
const ended = /(?:^|\.\.\. )(ok|FAIL|ERROR|skipped(?: .*)?|expected failure|unexpected success)$/;
const summary = /^(?:FAIL|ERROR): (\S+) \(([\w.]+)\)/;
const outcomeOf = (word: string): TestResult['outcome'] =>
  word === 'ok' || word === 'expected failure' ? 'passed' : word.startsWith('skipped') ? 'skipped' : 'failed';

/** Newer Pythons repeat the method's name in the parentheses. */
function idOf(name: string, of: string): string {
  if (of.startsWith('unittest.loader._FailedTest')) return name;
  // A class or module whose set-up fails is named for itself: its tests take its place when they run.
  if (/^(setUp|tearDown)(Class|Module)$/.test(name)) return of;
  return joinId(of.endsWith(`.${name}`) ? of.slice(0, -name.length - 1) : of, name);
}

export const unittest: ReportReader = {
  name: 'unittest',
  instrument(command) {
    const step =
      command.find(/^unittest$/) ?? command.find(/^python[\d.]*$|^manage\.py$/, (args) => args.includes('test'));
    if (!step) return undefined;
    const verbose = step.args.some((word) => /^(-v|--verbose|-v[23]?|--verbosity.*)$/.test(word));
    const text = verbose ? command.text : command.append(step, step.program === 'unittest' ? ['-v'] : ['-v', '2']);
    return text === undefined ? undefined : printing(text);
  },
  read({ output }) {
    const tests = new Map<string, TestResult['outcome']>();
    let open: string | undefined;
    for (const line of output.split('\n')) {
      const failed = summary.exec(line);
      if (failed?.[1] && failed[2]) tests.set(idOf(failed[1], failed[2]), 'failed');
      const found = failed ? null : header.exec(line);
      if (found?.[1] && found[2]) open = idOf(found[1], found[2]);
      const word = ended.exec(line)?.[1];
      if (open === undefined || word === undefined) continue;
      if (tests.get(open) !== 'failed') tests.set(open, outcomeOf(word));
      open = undefined;
    }
    const ran = /^Ran (\d+) tests? in /m.exec(output)?.[1];
    if (tests.size === 0 && ran === undefined) return undefined;
    return {
      tests: [...tests].map(([id, outcome]) => ({ id, outcome })),
      ...(ran === undefined ? { incomplete: 'unittest ended before it finished.' } : {}),
    };
  },
};
