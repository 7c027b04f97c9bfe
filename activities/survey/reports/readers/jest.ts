import { z } from 'zod';
import { fits, namePattern, splitId } from '../command-line.ts';
import { joinId } from '../junit.ts';
import type { ReportReader } from '../reader.ts';

const reportSchema = z.object({
  wasInterrupted: z.boolean().optional(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() }),
      ),
    }),
  ),
});

const program = /^(jest|react-scripts|craco)$/;
const runsTests = (args: string[]) => !args.some((word) => /^(--version|--listTests|--init|build|start)$/.test(word));

export const jest: ReportReader = {
  name: 'jest',
  instrument(command, reportFile) {
    const text = command.append(command.find(program, runsTests), ['--json', `--outputFile=${reportFile}`]);
    return text === undefined ? undefined : { command: text, env: {}, reports: [reportFile] };
  },
  read({ files }) {
    const [text] = files.values();
    const report = reportSchema.safeParse(parseJson(text));
    if (!report.success) return undefined;
    const tests = report.data.testResults.flatMap(({ name, status, assertionResults }) => [
      ...assertionResults.map(({ ancestorTitles, title, status: of }) => ({
        id: joinId(name, ...ancestorTitles, title),
        outcome: of === 'passed' ? ('passed' as const) : of === 'failed' ? ('failed' as const) : ('skipped' as const),
      })),
      // A file that cannot be loaded has no tests.
      ...(status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
        ? [{ id: name, outcome: 'failed' as const }]
        : []),
    ]);
    return { tests, ...(report.data.wasInterrupted ? { incomplete: 'Jest was interrupted.' } : {}) };
  },
  only(command, ids) {
    const names = fits(ids);
    if (!names) return undefined;
    const parts = names.map(splitId);
    const titles = parts.map(([, title]) => title);
    const pattern = titles.every(Boolean) ? ['-t', namePattern(titles)] : [];
    return command.append(command.find(program, runsTests), [
      ...pattern,
      '--runTestsByPath',
      ...new Set(parts.map(([file]) => file)),
    ]);
  },
};

export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
