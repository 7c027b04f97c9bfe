import { z } from 'zod';
import { fits, namePattern, splitId } from '../command-line.ts';
import { joinId } from '../junit.ts';
import type { ReportReader, Reports } from '../reader.ts';
import { parseJson } from './jest.ts';

const testSchema = z.object({
  fullTitle: z.string(),
  file: z.string().nullish(),
  err: z.object({ message: z.string().optional(), stack: z.string().optional() }).catch({}),
});
const reportSchema = z.object({
  stats: z.object({ end: z.string().optional() }),
  tests: z.array(testSchema),
  pending: z.array(testSchema),
  failures: z.array(testSchema),
  passes: z.array(testSchema),
});
type MochaReport = z.infer<typeof reportSchema>;

/** An older Mocha, and one with `output` set elsewhere, prints the report. */
function reportOf({ output, files }: Reports): MochaReport | undefined {
  const [text] = files.values();
  const printed = output.slice(Math.max(0, output.indexOf('{\n  "stats"')), output.lastIndexOf('}') + 1);
  return reportSchema.safeParse(parseJson(text)).data ?? reportSchema.safeParse(parseJson(printed)).data;
}

export const mocha: ReportReader = {
  name: 'mocha',
  instrument(command, reportFile) {
    const text = command.append(command.find(/^_?mocha$/), [
      '--reporter',
      'json',
      '--reporter-option',
      `output=${reportFile}`,
    ]);
    return text === undefined ? undefined : { command: text, env: {}, reports: [reportFile] };
  },
  read(reports) {
    const report = reportOf(reports);
    if (!report) return undefined;
    const of = (outcome: 'passed' | 'failed' | 'skipped') => (test: z.infer<typeof testSchema>) => ({
      // A failed hook counts as the suite that it belongs to.
      id: joinId(test.file ?? '', test.fullTitle.replace(/ ?"(before|after) (all|each)" hook.*$/s, '')),
      outcome,
    });
    const tests = [
      ...report.passes.map(of('passed')),
      ...report.failures.map(of('failed')),
      ...report.pending.map(of('skipped')),
    ];
    return { tests, ...(report.stats.end ? {} : { incomplete: 'Mocha ended before it finished.' }) };
  },
  text(reports) {
    const report = reportOf(reports);
    if (!report) return reports.output;
    const { passes, pending, failures } = report;
    const printed = reports.output.includes('{\n  "stats"') ? '' : reports.output.trim();
    const counts = `${passes.length} passing, ${failures.length} failing, ${pending.length} pending`;
    const details = failures.map(({ fullTitle, err }) => `${fullTitle}\n${err.stack ?? err.message ?? ''}`);
    return [printed, counts, ...details].filter(Boolean).join('\n\n');
  },
  only(command, ids) {
    const names = fits(ids.map((id) => splitId(id)[1]).filter(Boolean));
    return names && command.append(command.find(/^_?mocha$/), ['--grep', namePattern(names)]);
  },
};
