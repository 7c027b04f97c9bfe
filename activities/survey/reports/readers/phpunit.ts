import { fits, namePattern, splitId } from '../command-line.ts';
import { joinId, readJunit } from '../junit.ts';
import type { ReportReader } from '../reader.ts';

const program = /^(phpunit|pest|paratest)$/;

export const phpunit: ReportReader = {
  name: 'PHPUnit',
  instrument(command, reportFile) {
    const text = command.append(command.find(program), ['--log-junit', reportFile]);
    return text === undefined ? undefined : { command: text, env: {}, reports: [reportFile] };
  },
  read: (reports) => readJunit(reports, ({ file, classname, name }) => joinId(file || classname, name)),
  only(command, ids) {
    const names = fits(ids.map((id) => splitId(id)[1]));
    return names && command.append(command.find(program), ['--filter', `/::${namePattern(names).slice(1)}/`]);
  },
};
