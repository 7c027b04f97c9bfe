import { fits, splitId } from '../command-line.ts';
import { joinId } from '../junit.ts';
import type { ReportReader } from '../reader.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';

const runsTests = (args: string[]) => args.find((word) => !/^[+-]/.test(word)) === 'test' || args[0] === 't';
const target = /^\s+Running (?:unittests )?(.+?) \(.*\)$|^\s+Doc-tests (\S+)$/;
const result = /^test (.+?)(?: - should panic(?: - .*)?)? \.\.\. (?:(ok|FAILED|ignored)\b.*)?/;

export const cargoTest: ReportReader = {
  name: 'cargo test',
  instrument(command) {
    if (!command.find(/^cargo$/, runsTests)) return undefined;
    return { command: command.text, env: { CARGO_TERM_COLOR: 'never' }, reports: [] };
  },
  read({ output }) {
    const tests: TestResult[] = [];
    let file = '';
    let open: string | undefined;
    let announced = 0;
    let seen = false;
    for (const line of output.split('\n')) {
      const found = target.exec(line);
      if (found) file = found[1] ?? (found[2] ? `doc ${found[2]}` : '');
      announced += Number(/^running (\d+) tests?$/.exec(line)?.[1] ?? 0);
      seen ||= /^running \d+ tests?$/.test(line);
      const test = result.exec(line);
      // Output of a test may stand between its name and its outcome.
      const late = open === undefined ? undefined : /(?:^|\s)(ok|FAILED)$/.exec(line)?.[1];
      const outcome = test ? test[2] : late;
      const name = test?.[1] ?? open;
      if (name !== undefined && outcome)
        tests.push({
          // The line of an example changes with each edit above it.
          id: joinId(file, name.replace(/ \(line \d+\)/, '')),
          outcome: outcome === 'ok' ? 'passed' : outcome === 'FAILED' ? 'failed' : 'skipped',
        });
      open = test && !outcome ? name : test || late ? undefined : open;
    }
    if (!seen) return undefined;
    return {
      tests,
      ...(tests.length < announced ? { incomplete: `${announced - tests.length} tests started and did not end.` } : {}),
    };
  },
  only(command, ids) {
    const names = fits(ids.map((id) => splitId(id)[1]));
    const step = command.find(/^cargo$/, runsTests);
    return names && command.append(step, [...(step?.args.includes('--') ? [] : ['--']), '--exact', ...names]);
  },
};
