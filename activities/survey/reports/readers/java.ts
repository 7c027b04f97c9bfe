import { fits, splitId } from '../command-line.ts';
import { joinId, readJunit, type JunitCase } from '../junit.ts';
import type { ReportReader } from '../reader.ts';

// Gradle writes `param(int)[2]` and `ok()`; the class is the file.
const idOf = ({ classname, name }: JunitCase) => joinId(classname, name.replace(/\(\)$/, ''));
const goal = /^(test|verify|install|package|integration-test|surefire:test|[\w:]*:test|check|build)$/;
const runsTests = (args: string[]) =>
  args.some((word) => goal.test(word)) && !args.some((word) => /^-D(skipTests|maven\.test\.skip)(=true)?$/.test(word));

/** Methods by class, as Maven and Gradle take them; undefined for a name that is not one of Java. */
function methods(ids: string[]): string[][] | undefined {
  const parts = fits(ids)
    ?.map((id) => splitId(id))
    .map(([of, name]) => [of, name.replace(/[([{ ].*$/s, '')]);
  return parts?.every((both) => both.every((part) => /^[\w$.]+$/.test(part))) ? parts : undefined;
}

export const maven: ReportReader = {
  name: 'Surefire',
  instrument(command) {
    if (!command.find(/^mvnw?$/, runsTests)) return undefined;
    const reports = ['surefire-reports', 'failsafe-reports'].map((folder) => `**/target/${folder}/TEST-*.xml`);
    return { command: command.text, env: {}, reports };
  },
  read: (reports) => readJunit(reports, idOf),
  only(command, ids) {
    const tests = methods(ids)?.map(([of, name]) => `${of}#${name}`);
    return (
      tests &&
      command.append(command.find(/^mvnw?$/, runsTests), [
        `-Dtest=${tests.join(',')}`,
        '-Dsurefire.failIfNoSpecifiedTests=false',
      ])
    );
  },
};

export const gradle: ReportReader = {
  name: 'Gradle',
  instrument(command) {
    if (!command.find(/^gradlew?$/, runsTests)) return undefined;
    return { command: command.text, env: {}, reports: ['**/build/test-results/*.xml'] };
  },
  read: (reports) => readJunit(reports, idOf),
  only(command, ids) {
    const step = command.find(/^gradlew?$/, (args) => args.at(-1) === 'test');
    return command.append(step, methods(ids)?.flatMap(([of, name]) => ['--tests', `${of}.${name}`]) ?? []);
  },
};
