import { z } from 'zod';
import type { Store } from '../ports/store.ts';
import type { RecordTool } from './support/record-tool.ts';

const schema = z.strictObject({
  question: z.string().min(5).max(2000),
  options: z.array(z.string().min(1).max(300)).max(6).default([]),
  default: z.string().max(1000).optional(),
});

export function askUserTool(store: Store): RecordTool<typeof schema> {
  return {
    name: 'ask_user',
    effect: 'wait',
    description:
      'Ask a person one question, with the options you see and the default you would take. The run sleeps until somebody answers, which may take hours; after the time limit the default holds. Only for what changes the result and what neither the request nor the code can tell.',
    schema,
    async run({ question, options, default: fallback }, { record, call }) {
      const row = await store.messages.ask({
        organization_id: record.organization_id,
        project_id: record.project_id,
        run_id: record.id,
        turn: call.turn,
        position: call.position,
        question,
        options,
        default_answer: fallback ?? null,
      });
      return { text: '', outcome: { kind: 'asked', question_id: row.id } };
    },
  };
}
