import { fits, namePattern, splitId } from '../command-line.ts';
import { joinId, readJunit } from '../junit.ts';
import type { ReportReader } from '../reader.ts';

const program = /^vitest$/;
const runsTests = (args: string[]) => !/^(bench|list|init)$/.test(args[0] ?? '');

export const vitest: ReportReader = {
  name: 'vitest',
  instrument(command, reportFile) {
    const text = command.append(command.find(program, runsTests), [
      '--reporter=default',
      '--reporter=junit',
      `--outputFile.junit=${reportFile}`,
    ]);
    return text === undefined ? undefined : { command: text, env: {}, reports: [reportFile] };
  },
  // A file that cannot be loaded is reported as a test of its own name.
  read: (reports) => readJunit(reports, ({ classname, name }) => (classname === name ? name : joinId(classname, name))),
  only(command, ids) {
    const names = fits(ids);
    if (!names) return undefined;
    const parts = names.map(splitId);
    const titles = parts.map(([, title]) => title);
    return command.append(command.find(program, runsTests), [
      ...(titles.every(Boolean) ? ['-t', namePattern(titles)] : []),
      ...new Set(parts.map(([file]) => file)),
    ]);
  },
};
