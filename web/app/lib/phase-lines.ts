import type { BoardPhase, DoneDefinition, ExpectedOutput } from '#workflows/domain/tasks/board-phases.ts';

/**
 * Lines in which people write what a phase asks for: `[optional] TEXT | RULE`. Of an output the text is its type, and
 * its place follows with `at`.
 */
const optional = '[optional] ';
const split = (line: string) => {
  const isOptional = line.startsWith(optional.trim());
  const [text = '', ...rule] = line.slice(isOptional ? optional.trim().length : 0).split('|');
  const words = rule.join('|').trim();
  return { required: !isOptional, text: text.trim(), rule: words === '' ? undefined : words };
};
const join = (required: boolean, text: string, rule?: string) =>
  `${required ? '' : optional}${text}${rule ? ` | ${rule}` : ''}`;
const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

export const doneText = (list: readonly DoneDefinition[]) =>
  list.map(({ required, text, rule }) => join(required, text, rule)).join('\n');
export const doneOf = (text: string): DoneDefinition[] =>
  linesOf(text)
    .map(split)
    .map(({ rule, ...line }) => ({ ...line, ...(rule ? { rule } : {}) }));

export const outputText = (list: readonly ExpectedOutput[]) =>
  list
    .map(({ required, type, pattern, validation_rule: rule }) =>
      join(required, pattern ? `${type} at ${pattern}` : type, rule),
    )
    .join('\n');
export const outputsOf = (text: string): ExpectedOutput[] =>
  linesOf(text).map((line) => {
    const { required, text: words, rule } = split(line);
    const [type = '', pattern] = words.split(/\s+at\s+/);
    return { type, required, ...(pattern ? { pattern } : {}), ...(rule ? { validation_rule: rule } : {}) };
  });

/** What a form of a phase says. */
export const phaseOf = (form: FormData) => {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const number = (name: string) => (text(name) === '' ? null : Number(text(name)));
  return {
    name: text('name'),
    sequence_order: number('sequence_order') ?? 0,
    allowed_transitions: form.getAll('next').map(String),
    done_definitions: doneOf(text('done')),
    expected_outputs: outputsOf(text('outputs')),
    phase_prompt: text('phase_prompt'),
    next_steps_guide: linesOf(text('guide')),
    timeout_seconds: number('timeout_seconds'),
    max_retries: number('max_retries'),
  } satisfies Partial<BoardPhase>;
};
