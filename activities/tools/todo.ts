import { z } from 'zod';
import { defineTool } from './support/define-tool.ts';
import { allSessions, type PlatformContext } from './support/tool.ts';
import { refused } from './support/tool-failure.ts';

const item = z.strictObject({
  text: z.string().min(1).max(300),
  status: z.enum(['pending', 'in_progress', 'done']).default('pending'),
});
const schema = z.strictObject({
  items: z
    .array(
      z.union([
        item,
        z
          .string()
          .min(1)
          .max(300)
          .transform((text) => ({ text, status: 'pending' as const })),
      ]),
    )
    .min(1)
    .max(12),
});

export const todo = defineTool({
  name: 'todo',
  sessions: allSessions,
  effect: 'record',
  description:
    'Write down your plan: the whole list each time, one item in progress. For work of more than a few steps; it survives when older parts of this conversation are left out.',
  schema,
  async run({ items }, { record, services }: PlatformContext) {
    const busy = items.filter((entry) => entry.status === 'in_progress').length;
    if (busy > 1) return refused(`${busy} items are in progress; mark one. Send the whole list again.`);
    await services.store.runs.setTodo(record.organization_id, record.id, items);
    const marks = { pending: ' ', in_progress: '>', done: 'x' };
    return {
      text: items.map((entry) => `[${marks[entry.status]}] ${entry.text}`).join('\n'),
      outcome: { kind: 'planned' },
    };
  },
});
