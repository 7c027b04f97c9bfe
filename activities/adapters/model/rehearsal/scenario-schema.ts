import { z } from 'zod';
import { contextKinds } from '#workflows/domain/agent/context-block.ts';

/*
 * A scenario: the texts and tool calls of the rehearsal model, as data. The model only writes text and calls tools.
 * Whether a test passes or a branch conflicts depends on the repository, and the scenario must handle the result.
 *
 *     feature: {title, description}     the planned feature; phase sessions match no other description
 *     understands: [regex]              messages of the platform that the script expects; others are acknowledged
 *     include: [planning.yaml, ...]     files with lists of sessions, relative to the scenario
 *
 * A session is one conversation. The first session whose `match` fits the newest context block is used:
 *
 *     - match: {kind: task, task_ref: TSK-001, attempt: 1}     a value or a list of them; title is a regex
 *       steps:
 *         - say: First a test.                       one step is one turn of the model
 *           do:
 *             - write_file: {path: test/a.test.js, content: !text a.test.js}
 *             - bash: {command: node --test}
 *               as: red                              a label, for `!evidence` and `{{output:red}}`
 *           then:                                    the step to continue with, by the results; else the next
 *             - {if: '^exit 0\b', go: finish}
 *           expect: '^exit 1\b'                      for any other result a person is asked, and the step is repeated
 *         - repeat: {until: regex, turns: [...]}     repeats its turns in order until a message matches
 *         - name: finish                             continues here after the last step, if the platform wants more
 *
 * A request outside an agent's session asks for one value through one forced tool. The first answer whose `if` matches
 * the request's text is given (a list must match as a whole); its named groups are placeholders.
 *
 *     - match: {kind: title}
 *       answers:
 *         - {if: '^Request: (?<words>.+)$', value: {title: '{{words}}'}}
 *
 * Values: `!text file` is the content of a file, `!data file` that of a YAML file, both next to the file that names
 * them; `!evidence a b` is evidence for each criterion of the context, from the real results of the labelled commands.
 * Placeholders: {{title}}, {{task_ref}}, {{phase}}, {{attempt}}, {{output:label}}.
 * Every regex has the flag m: ^ and $ match at line ends. A result of bash starts with `exit N`.
 */

const someText = z.string().trim().min(1);
const label = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a label has small letters, digits and single hyphens');

const pattern = someText.transform((source, context) => {
  try {
    return new RegExp(source, 'm');
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

const oneOrMore = <T extends z.ZodType>(value: T) => z.union([value.transform((one) => [one]), z.array(value).min(1)]);

const call = z.looseObject({ as: label.optional() }).transform(({ as, ...tools }, context) => {
  const [named, ...more] = Object.entries(tools);
  if (!named || more.length > 0) return refuse(context, 'a call names exactly one tool');
  const [tool, input] = named;
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse(context, `the input of ${tool} has to be a mapping`);
  return { tool, input: input as Record<string, unknown>, label: as };
});

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

const turn = z.strictObject({ say: someText, do: z.array(call).min(1) });

const step = z
  .strictObject({
    name: label.optional(),
    say: someText.optional(),
    do: turn.shape.do.optional(),
    repeat: z.strictObject({ until: pattern, turns: z.array(turn).min(1) }).optional(),
    expect: pattern.optional(),
    then: z.array(z.strictObject({ if: pattern.optional(), go: label })).default([]),
  })
  .transform((given, context) => {
    const { say, do: calls, repeat, ...rest } = given;
    if (repeat && !say && !calls) return { ...rest, until: repeat.until, turns: repeat.turns };
    if (say && calls && !repeat) return { ...rest, until: undefined, turns: [{ say, do: calls }] };
    return refuse(context, 'a step has either say and do, or repeat');
  });

const match = z.strictObject({
  kind: z.enum(contextKinds),
  phase: oneOrMore(someText).optional(),
  attempt: oneOrMore(z.int().min(1)).optional(),
  task_ref: oneOrMore(someText).optional(),
  mode: oneOrMore(someText).optional(),
  title: pattern.optional(),
});

const answer = z.strictObject({ if: oneOrMore(pattern).default([]), value: z.record(z.string(), z.unknown()) });

const session = z
  .strictObject({ match, steps: z.array(step).min(1).default([]), answers: z.array(answer).min(1).default([]) })
  .refine(({ steps, answers }) => steps.length > 0 !== answers.length > 0, 'a session has either steps or answers')
  .superRefine(checkReferences);

export const sessionsSchema = z.array(session).min(1);

/** A schema of sessions that call only these tools. */
export const sessionsWith = (tools: readonly string[]) =>
  sessionsSchema.superRefine((sessions, context) => {
    sessions.forEach(({ steps }, s) =>
      steps.forEach(({ turns, until }, i) =>
        turns.forEach((taken, t) =>
          taken.do.forEach(({ tool }, c) => {
            if (tools.includes(tool)) return;
            const path = [s, 'steps', i, ...(until ? ['repeat', 'turns', t] : []), 'do', c];
            context.addIssue({ code: 'custom', path, message: `there is no tool ${tool}` });
          }),
        ),
      ),
    );
  });

export const scenarioSchema = z.strictObject({
  feature: z.strictObject({ title: someText, description: someText }),
  understands: z.array(pattern).default([]),
  include: z.array(someText).min(1),
});

export type Step = z.output<typeof step>;
export type ScriptTurn = z.output<typeof turn>;
export type Session = z.output<typeof session>;
export type SessionMatch = Session['match'];

export interface Scenario {
  feature: { title: string; description: string };
  understands: RegExp[];
  sessions: Session[];
}

/** A placeholder for the evidence of labelled commands until they have run. */
export class Evidence {
  constructor(readonly labels: readonly string[]) {}
}

export const placeholder = /\{\{([a-z_]+)(?::([a-z0-9-]+))?\}\}/g;
const contextNames = ['title', 'task_ref', 'phase', 'attempt'];

/** Checks that the steps, labels and placeholders that a session refers to exist in it. */
function checkReferences(
  { steps, answers }: { steps: Step[]; answers: z.output<typeof answer>[] },
  context: z.RefinementCtx,
): void {
  const wrong = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
  const names = new Set(steps.map((one) => one.name));
  const labels = new Set(steps.flatMap((one) => one.turns.flatMap((taken) => taken.do.map((made) => made.label))));
  steps.forEach((one, index) => {
    const path = ['steps', index];
    for (const { go } of one.then) if (!names.has(go)) wrong(path, `there is no step named ${go}`);
    for (const unknown of unknownReferences(one.turns, labels, contextNames)) wrong(path, unknown);
  });
  answers.forEach((one, index) => {
    const groups = one.if.flatMap((condition) =>
      [...condition.source.matchAll(/\(\?<([a-z_]+)>/g)].map(([, group = '']) => group),
    );
    for (const unknown of unknownReferences(one.value, labels, [...contextNames, ...groups]))
      wrong(['answers', index], unknown);
  });
}

function unknownReferences(
  value: unknown,
  labels: ReadonlySet<string | undefined>,
  known: readonly string[],
): string[] {
  if (value instanceof Evidence)
    return value.labels.filter((one) => !labels.has(one)).map((one) => `no call is labelled ${one}`);
  if (typeof value === 'string') {
    return [...value.matchAll(placeholder)].flatMap(([text, name = '', of]) => {
      if (of === undefined) return known.includes(name) ? [] : [`there is no placeholder ${text}`];
      if (name !== 'output') return [`there is no placeholder ${text}`];
      return labels.has(of) ? [] : [`no call is labelled ${of}`];
    });
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((part) => unknownReferences(part, labels, known));
}
