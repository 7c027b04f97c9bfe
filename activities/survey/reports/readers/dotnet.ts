import { joinId, parseXml } from '../junit.ts';
import type { ReportReader } from '../reader.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value : [value]).filter(isRecord);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const inside = (value: unknown, ...names: string[]): unknown =>
  names.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), value);

const outcomes: Record<string, TestResult['outcome']> = {
  Passed: 'passed',
  NotExecuted: 'skipped',
  Inconclusive: 'skipped',
};
const runsTests = ([verb]: string[]) => verb === 'test';

/** Each test project writes a file of its own, so a folder takes them. */
export const dotnet: ReportReader = {
  name: 'dotnet test',
  instrument(command, reportFile) {
    const folder = `${reportFile}.trx`;
    const text = command.insertAfter(command.find(/^dotnet$/, runsTests), 0, [
      '--logger',
      'trx',
      '--results-directory',
      folder,
    ]);
    return text === undefined ? undefined : { command: text, env: {}, reports: [`${folder}/*.trx`] };
  },
  read({ files }) {
    const tests: TestResult[] = [];
    let readable = false;
    let cut = false;
    for (const xml of files.values()) {
      const parsed = parseXml(xml);
      cut ||= !parsed || parsed.cut;
      const run = inside(parsed?.root, 'TestRun');
      readable ||= run !== undefined;
      const classes = new Map(
        list(inside(run, 'TestDefinitions', 'UnitTest')).map((unit) => [
          text(unit['@id']),
          text(inside(unit, 'TestMethod', '@className')),
        ]),
      );
      for (const result of list(inside(run, 'Results', 'UnitTestResult'))) {
        const of = classes.get(text(result['@testId'])) ?? '';
        const name = text(result['@testName']);
        const own = of && name.startsWith(`${of}.`) ? name.slice(of.length + 1) : name;
        tests.push({ id: joinId(of, own), outcome: outcomes[text(result['@outcome'])] ?? 'failed' });
      }
    }
    if (!readable) return undefined;
    return { tests, ...(cut ? { incomplete: 'A report is cut: the runner ended before it had written it.' } : {}) };
  },
};
