import { z } from 'zod';
import { fits, splitId } from '../command-line.ts';
import { joinId } from '../junit.ts';
import type { ReportReader } from '../reader.ts';
import { parseJson } from './jest.ts';

/**
 * Runs inside `node --test`. Its own reporters leave out the file of a test, so this one appends a line for each test,
 * with the titles around it. Several runs of one script append to the same file.
 */
const reporter = `import{appendFileSync as write}from"node:fs";import{env}from"node:process";
export default async function*(source){
const titles=[];
for await(const{type,data}of source){
if(type==="test:start")titles[data.nesting]=data.name;
if(type!=="test:pass"&&type!=="test:fail")continue;
const reason=data.details?.error?.failureType;
if(data.details?.type==="suite"&&(type==="test:pass"||reason==="subtestsFailed"))continue;
const skipped=(data.skip!==undefined&&data.skip!==false)||(data.todo!==undefined&&data.todo!==false);
const outcome=skipped?"skipped":type==="test:pass"?"passed":"failed";
write(env.OMOIOS_TEST_REPORT,JSON.stringify({file:data.file,titles:[...titles.slice(0,data.nesting),data.name],outcome})+"\\n");
}
write(env.OMOIOS_TEST_REPORT,'{"end":true}\\n');
yield"";
}`;
const reporterUrl = `data:text/javascript,${encodeURIComponent(reporter)}`;

const lineSchema = z.object({
  file: z.string().optional(),
  titles: z.array(z.string()),
  outcome: z.enum(['passed', 'failed', 'skipped']),
});

const runsTests = (args: string[]) => args.includes('--test');

export const nodeTest: ReportReader = {
  name: 'node --test',
  instrument(command, reportFile) {
    const step = command.find(/^(node|tsx)$/, runsTests);
    // A script that sets the options itself would lose ours.
    if (!step || step.assignments.some((word) => word.startsWith('NODE_OPTIONS='))) return undefined;
    const own = step.args.filter((word) => word.startsWith('--test-reporter')).length > 0;
    const options = [
      ...(own ? [] : ['--test-reporter=spec', '--test-reporter-destination=stdout']),
      `--test-reporter=${reporterUrl}`,
      '--test-reporter-destination=stderr',
      // A reporter of the command without a destination takes the standard output only while it is the only one.
      ...(own && !step.args.some((word) => word.startsWith('--test-reporter-destination'))
        ? ['--test-reporter-destination=stdout']
        : []),
    ];
    return {
      command: command.text,
      env: { NODE_OPTIONS: options.join(' '), OMOIOS_TEST_REPORT: reportFile },
      reports: [reportFile],
    };
  },
  read({ files }) {
    const [text] = files.values();
    if (text === undefined) return undefined;
    const lines = text.split('\n').map(parseJson);
    const tests = lines.flatMap((line) => {
      const { data } = lineSchema.safeParse(line);
      if (!data) return [];
      const { file = '', titles, outcome } = data;
      // A file that fails by itself is reported as a test of its own name.
      const whole =
        titles.length === 1 && file.endsWith(titles[0] ?? '') && /[\\/]|\.[cm]?[jt]sx?$/.test(titles[0] ?? '');
      return [{ id: whole ? file : joinId(file, ...titles), outcome }];
    });
    const ended = text.includes('{"end":true}');
    if (tests.length === 0 && !ended) return undefined;
    return { tests, ...(ended ? {} : { incomplete: 'The test runner of Node ended before it finished.' }) };
  },
  only(command, ids) {
    const files = fits(ids.map((id) => splitId(id)[0]));
    return files && command.append(command.find(/^(node|tsx)$/, runsTests), files);
  },
};
