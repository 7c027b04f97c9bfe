import { joinId, readJunit } from '../junit.ts';
import type { ReportReader } from '../reader.ts';

export const bun: ReportReader = {
  name: 'bun test',
  instrument(command, reportFile) {
    const step = command.find(/^bun$/, ([verb]) => verb === 'test');
    const text = command.append(step, ['--reporter=junit', `--reporter-outfile=${reportFile}`]);
    return text === undefined ? undefined : { command: text, env: {}, reports: [reportFile] };
  },
  read: (reports) => readJunit(reports, ({ file, classname, name }) => joinId(file, classname, name)),
};
