import { z } from 'zod';
import { fits, splitId } from '../command-line.ts';
import { joinId } from '../junit.ts';
import { printing } from '../printing.ts';
import type { ReportReader } from '../reader.ts';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';
import { parseJson } from './jest.ts';

const eventSchema = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
  FailedBuild: z.string().optional(),
});
type GoEvent = z.infer<typeof eventSchema>;

const outcomes: Record<string, TestResult['outcome'] | undefined> = { pass: 'passed', fail: 'failed', skip: 'skipped' };
const runsTests = ([verb]: string[]) => verb === 'test';
const eventOf = (line: string): GoEvent | undefined =>
  line.startsWith('{') ? eventSchema.safeParse(parseJson(line)).data : undefined;

export const goTest: ReportReader = {
  name: 'go test',
  instrument(command) {
    const step = command.find(/^go$/, runsTests);
    if (!step) return undefined;
    const text = step.args.includes('-json') ? command.text : command.insertAfter(step, 0, ['-json']);
    if (text !== undefined) return printing(text);
    // In a recipe the flag can only be set for all of Go's commands. `go vet -json` never fails, so it must not be there.
    const others = command.steps.filter(
      ({ program, args }) => program === 'go' && !/^(test|mod|generate)$/.test(args[0] ?? ''),
    );
    return others.length > 0 ? undefined : { command: command.text, env: { GOFLAGS: '-json' }, reports: [] };
  },
  read({ output }) {
    const events = output.split('\n').flatMap((line) => eventOf(line) ?? []);
    const tests = new Map<string, TestResult['outcome']>();
    const running = new Set<string>();
    const failed = new Set<string>();
    for (const { Action, Package = '', Test, FailedBuild } of events) {
      const id = joinId(Package, Test ?? '');
      const outcome = outcomes[Action];
      if (Action === 'run' || Action === 'start') running.add(id);
      if (!outcome) continue;
      running.delete(id);
      if (Test !== undefined) {
        tests.set(id, outcome);
        if (outcome === 'failed') failed.add(Package);
        // A package that fails without a failed test could not be built, or ended by itself.
      } else if (outcome === 'failed' && (FailedBuild !== undefined || !failed.has(Package))) tests.set(id, 'failed');
    }
    if (tests.size === 0 && !events.some(({ Action }) => Action === 'pass' || Action === 'skip')) return undefined;
    return {
      tests: [...tests].map(([id, outcome]) => ({ id, outcome })),
      ...(running.size > 0 ? { incomplete: 'Some tests started and did not end.' } : {}),
    };
  },
  text({ output }) {
    const noise = /^=== (RUN|PAUSE|CONT|NAME)\b/;
    return output
      .split(/(?<=\n)/)
      .map((line) => {
        const event = eventOf(line.trimEnd());
        return event ? (noise.test(event.Output ?? '') ? '' : (event.Output ?? '')) : line;
      })
      .join('');
  },
  only(command, ids) {
    // Subtests run with the test around them. A package without a test's name cannot be built: then all run.
    const names = fits(ids.map((id) => (splitId(id)[1].split('/')[0] ?? '').replace(/ \(\d+\)$/, '')));
    if (!names?.every((name) => /^\w+$/.test(name))) return undefined;
    return command.insertAfter(command.find(/^go$/, runsTests), 0, ['-count=1', '-run', `^(${names.join('|')})$`]);
  },
};
