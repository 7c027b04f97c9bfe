import { z } from 'zod';
import { fits, quote, splitId } from '../command-line.ts';
import { joinId } from '../junit.ts';
import type { ReportReader } from '../reader.ts';
import { parseJson } from './jest.ts';

const reportSchema = z.object({
  examples: z.array(z.object({ full_description: z.string(), file_path: z.string(), status: z.string() })),
  summary: z.object({ errors_outside_of_examples_count: z.number().optional() }).optional(),
});
const outcomes: Record<string, 'passed' | 'failed'> = { passed: 'passed', failed: 'failed' };

/** RSpec takes further options from a variable, so the command stays as it is. */
export const rspec: ReportReader = {
  name: 'RSpec',
  instrument(command, reportFile) {
    const step = command.find(/^rspec$/) ?? command.find(/^rake$/, (args) => args.length === 0 || args[0] === 'spec');
    if (!step || (step.program === 'rake' && !/rspec/i.test(command.root.file('Rakefile') ?? ''))) return undefined;
    const options = `--format progress --format json --out ${quote(reportFile)}`;
    return { command: command.text, env: { SPEC_OPTS: options }, reports: [reportFile] };
  },
  read({ files }) {
    const [text] = files.values();
    const { data } = reportSchema.safeParse(parseJson(text));
    if (!data) return undefined;
    const outside = data.summary?.errors_outside_of_examples_count ?? 0;
    // Files that cannot be loaded: RSpec then runs nothing and names no file in this report.
    if (outside > 0 && data.examples.length === 0) return undefined;
    return {
      tests: data.examples.map(({ file_path: file, full_description: name, status }) => ({
        id: joinId(file.replace(/^\.\//, ''), name),
        outcome: outcomes[status] ?? 'skipped',
      })),
      ...(outside > 0 ? { incomplete: `${outside} errors happened outside of the examples.` } : {}),
    };
  },
  only(command, ids) {
    const names = fits(ids.map((id) => splitId(id)[1]));
    return (
      names &&
      command.append(
        command.find(/^rspec$/),
        names.flatMap((name) => ['-e', name]),
      )
    );
  },
};
