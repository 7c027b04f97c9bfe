import { z } from 'zod';

export const contextKinds = [
  'phase',
  'task',
  'validation',
  'guardian',
  'conductor',
  'diagnosis',
  'diagnostic',
  'merge',
  'memory',
  'dedup',
  'title',
  'analysis',
  'judge',
  'compaction',
  'explore',
] as const;

const criterion = z.object({ id: z.string(), text: z.string(), check: z.string().optional() });

/** The subject of an attempt. Every field is always present; null when it does not apply. */
const contextSchema = z.object({
  kind: z.enum(contextKinds),
  spec_id: z.string().nullable(),
  phase: z.string().nullable(),
  attempt: z.number().int().nullable(),
  ticket_id: z.string().nullable(),
  task_id: z.string().nullable(),
  /** The task's id inside its plan, such as `TSK-001`. */
  task_ref: z.string().nullable(),
  title: z.string().nullable(),
  mode: z.string().nullable(),
  criteria: z.array(criterion).nullable(),
  constraints: z.array(z.string()).nullable(),
});

export type RunContext = z.infer<typeof contextSchema>;
export type ContextFields = Pick<RunContext, 'kind'> & Partial<RunContext>;

/**
 * The fenced block at the start of an attempt's first message: compact JSON on a line of its own. Back-ticks and the
 * line separators that JSON leaves bare are escaped, so that no title or criterion can close the fence.
 */
export function contextBlock(fields: ContextFields): string {
  const context: RunContext = {
    kind: fields.kind,
    spec_id: fields.spec_id ?? null,
    phase: fields.phase ?? null,
    attempt: fields.attempt ?? null,
    ticket_id: fields.ticket_id ?? null,
    task_id: fields.task_id ?? null,
    task_ref: fields.task_ref ?? null,
    title: fields.title ?? null,
    mode: fields.mode ?? null,
    criteria: fields.criteria ?? null,
    constraints: fields.constraints ?? null,
  };
  const json = JSON.stringify(context).replace(
    /[`\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `\`\`\`context\n${json}\n\`\`\``;
}

/**
 * The newest context block of a conversation.
 * @param texts the user's text blocks, oldest first. Code puts the block before everything else, so within one text the
 * first block counts: a later one was quoted from a repository or a request.
 */
export function readContextBlock(texts: readonly string[]): RunContext | undefined {
  for (const text of texts.toReversed()) {
    const json = /^```context\n(.*)\n```$/m.exec(text)?.[1];
    const context = json === undefined ? undefined : parse(json);
    if (context) return context;
  }
  return undefined;
}

function parse(json: string): RunContext | undefined {
  try {
    return contextSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
