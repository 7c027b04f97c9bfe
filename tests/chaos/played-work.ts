import type { Played, Reply, ToolUse } from '#tests/support/played-model.ts';
import { testCommand } from '#tests/support/repository.ts';

/** Something that a session does once. One that writes its label to the count file can be looked for afterwards. */
export interface Action {
  /** Letters and digits; unique in the session. */
  label: string;
  name: string;
  input: object;
}

/** The work of a session: turns of calls made together, then the project's test, then its claim of completion. */
export interface Work {
  turns: Action[][];
  done(
    proof: { command: string; tool_use_id: string; exit_code: number; excerpt: string },
    request: Played,
  ): { name: string; input: object };
}

interface Call {
  label: string;
  id: string;
  text: string;
  is_error: boolean;
}

type Block = { type: string; id?: string; tool_use_id?: string; is_error?: boolean; content?: unknown };

export const countFile = 'count.txt';

/** Appends its label to the count file: a second run would show in the file. */
export const count = (label: string, seconds = 0): Action => ({
  label,
  name: 'bash',
  input: { command: `echo ${label} >> ${countFile}${seconds > 0 ? `; sleep ${seconds}` : ''}` },
});
export const write = (label: string, file: string, text: string): Action => ({
  label,
  name: 'bash',
  input: { command: `mkdir -p "$(dirname '${file}')" && cat > '${file}' <<'END_OF_FILE'\n${text}END_OF_FILE\n` },
});
export const read = (label: string, file: string): Action => ({ label, name: 'read_file', input: { path: file } });

const resultText = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : ((content ?? []) as { text?: string }[]).map((block) => block.text ?? '').join('\n');

/** All calls of a conversation with their results, in order. Ids are `toolu_{label}_{where}`. */
function callsOf(request: Played): Call[] {
  const blocks = request.body.messages.flatMap((message) =>
    Array.isArray(message.content) ? (message.content as Block[]) : [],
  );
  const results = new Map(
    blocks.filter((block) => block.type === 'tool_result').map((block) => [block.tool_use_id, block]),
  );
  return blocks
    .filter((block) => block.type === 'tool_use')
    .flatMap(({ id = '' }) => {
      const result = results.get(id);
      return result
        ? [{ id, label: id.split('_')[1] ?? '', text: resultText(result.content), is_error: result.is_error === true }]
        : [];
    });
}

const wasNotRun = (call: Call) => call.is_error && call.text.startsWith('Not run');

/** The steps that the conversation shows as done, and whether the outcome of one is unknown. */
function standing(calls: Call[], work: Work, freshEyes: boolean): { done: Set<string>; unsure: boolean } {
  const done = new Set<string>();
  let unsure = freshEyes;
  for (const call of calls) {
    if (wasNotRun(call)) continue;
    if (call.label === 'look') {
      const lines = call.text.split('\n');
      for (const action of work.turns.flat()) if (lines.includes(action.label)) done.add(action.label);
      unsure = call.is_error;
    } else if (call.is_error) unsure = true;
    else done.add(call.label);
  }
  return { done, unsure };
}

/** Whether the conversation still begins where its run did. */
const remembersAll = (request: Played) => !request.text.includes('Older parts of this conversation were left out');

/**
 * A sensible model at work: from the conversation alone it sees which steps are done, looks at the files where that is not
 * certain (a lost command, an attempt before this one, a context cut short), and makes the next calls. The same
 * request gets the same answer, ids and all.
 */
export function playWork(request: Played, work: Work): Reply {
  const calls = callsOf(request);
  const use = (label: string, name: string, input: object): ToolUse => ({
    name,
    input,
    id: `toolu_${label}_${request.raw.length}`,
  });
  const { done, unsure } = standing(calls, work, (request.context.attempt ?? 1) > 1 || !remembersAll(request));
  if (unsure) return { tools: [use('look', 'bash', { command: `cat ${countFile}; true` })] };
  const next = work.turns.find((turn) => turn.some((action) => !done.has(action.label)));
  if (next)
    return {
      text: `Next: ${next[0]?.label}.`,
      tools: next
        .filter((action) => !done.has(action.label))
        .map((action) => use(action.label, action.name, action.input)),
    };
  const claimed = calls.findLastIndex((call) => call.label === 'claim');
  const check = calls.findLastIndex((call) => call.label === 'check' && !call.is_error);
  if (check <= claimed) return { tools: [use('check', 'bash', { command: testCommand })] };
  const claim = work.done(
    { command: testCommand, tool_use_id: calls[check]?.id ?? '', exit_code: 0, excerpt: 'pass' },
    request,
  );
  return { tools: [use('claim', claim.name, claim.input)] };
}

export const claimDone: Work['done'] = (proof, request) => {
  const criteria = request.context.criteria ?? [];
  return {
    name: 'complete_task',
    input: {
      summary: 'The work is done.',
      evidence: criteria.length > 0 ? criteria.map((criterion) => ({ criterion_id: criterion.id, ...proof })) : [proof],
    },
  };
};

/** A reviewer who runs the tests and is content. */
export const review: Work = {
  turns: [],
  done: (proof) => ({ name: 'submit_review', input: { passed: true, feedback: 'It holds.', evidence: [proof] } }),
};
