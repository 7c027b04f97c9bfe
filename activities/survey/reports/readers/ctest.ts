import { fits } from '../command-line.ts';
import { printing } from '../printing.ts';
import type { ReportReader } from '../reader.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';

const line = /^\s*\d+\/\d+ Test\s+#\d+: (.+?) \.*\s*(Passed|\*\*\*[\w ()]+?)\s*(?:\d+\.\d+ sec)?$/gm;

export const ctest: ReportReader = {
  name: 'ctest',
  instrument: (command) => (command.find(/^ctest$/) ? printing(command.text) : undefined),
  read({ output }) {
    const tests = [...output.matchAll(line)].map(([, id = '', word = '']) => ({
      id,
      outcome: outcomeOf(word),
    }));
    const ended = /^\d+% tests passed/m.test(output);
    if (tests.length === 0) return undefined;
    return { tests, ...(ended ? {} : { incomplete: 'ctest ended before it finished.' }) };
  },
  only(command, ids) {
    const names = fits(ids)?.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return names && command.append(command.find(/^ctest$/), ['-R', `^(${names.join('|')})$`]);
  },
};

const outcomeOf = (word: string): TestResult['outcome'] =>
  word === 'Passed' ? 'passed' : /Skipped|Disabled/.test(word) ? 'skipped' : 'failed';
