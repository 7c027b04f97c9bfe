import { joinId } from '../junit.ts';
import { printing } from '../printing.ts';
import type { ReportReader } from '../reader.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';

const line = /^(\S[^\n]*?)#(\S[^\n]*?) = \d+\.\d+ s = ([.FES])$/gm;
const outcomes: Record<string, TestResult['outcome']> = { '.': 'passed', S: 'skipped' };

/** minitest names each test when it is verbose; Rake hands that on by a variable. */
export const minitest: ReportReader = {
  name: 'minitest',
  instrument(command) {
    const rails = command.find(/^rails$/, ([verb]) => verb === 'test');
    const text = rails && command.append(rails, ['-v']);
    if (text !== undefined) return printing(text);
    const rake = command.find(/^rake$/, (args) => args.length === 0 || args.includes('test'));
    if (!rake || !/Minitest|Rake::TestTask|rails/i.test(command.root.file('Rakefile') ?? '')) return undefined;
    return { command: command.text, env: { TESTOPTS: '-v' }, reports: [] };
  },
  read({ output }) {
    const tests = [...output.matchAll(line)].map(([, of = '', name = '', mark = '']) => ({
      id: joinId(of, name),
      outcome: outcomes[mark] ?? 'failed',
    }));
    const ended = /^\d+ (runs|tests), \d+ assertions/m.test(output);
    if (tests.length === 0 && !ended) return undefined;
    return { tests, ...(ended ? {} : { incomplete: 'minitest ended before it finished.' }) };
  },
};
