import { joinId } from '../junit.ts';
import { printing } from '../printing.ts';
import type { ReportReader } from '../reader.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';

const point = /^( *)(not ok|ok)\b(?: \d+)?(?: - | )?(.*)$/;
const directive = /(?<!\\)# (skip|todo)\b.*$/i;

export const tap: ReportReader = {
  name: 'TAP',
  instrument(command) {
    const runs =
      command.find(/^(tape|tap|bats)$/) ??
      command.find(/^(prove|ava)$/, (args) => args.some((word) => /^(-v|--verbose|--tap)$/.test(word)));
    return runs ? printing(command.text) : undefined;
  },
  read({ output }) {
    const tests: TestResult[] = [];
    const titles: string[] = [];
    let planned: number | undefined;
    let top = 0;
    for (const line of output.split('\n')) {
      const started = /^( *)# Subtest: (.*)$/.exec(line);
      if (started) titles[(started[1] ?? '').length / 4] = started[2] ?? '';
      planned = Number(/^1\.\.(\d+)/.exec(line)?.[1] ?? planned ?? NaN);
      const found = point.exec(line);
      if (!found) continue;
      const [, indent = '', word = '', rest = ''] = found;
      const level = indent.length / 4;
      top += level === 0 ? 1 : 0;
      const marked = directive.exec(rest)?.[1];
      const name = rest
        .replace(directive, '')
        .trim()
        .replace(/\\([#\\])/g, '$1');
      const outcome = marked ? 'skipped' : word === 'ok' ? 'passed' : 'failed';
      tests.push({ id: joinId(...titles.slice(0, level), name || `test ${tests.length + 1}`), outcome });
    }
    if (tests.length === 0) return undefined;
    const missing = Number.isInteger(planned) && top < (planned ?? 0);
    const bailed = /^Bail out!/m.test(output);
    return { tests, ...(missing || bailed ? { incomplete: 'The run ended before all planned tests ran.' } : {}) };
  },
};
