import { z } from 'zod';
import { defineTool } from './support/define-tool.ts';
import type { PlatformContext } from './support/tool.ts';

const schema = z.strictObject({
  question: z.string().min(5).max(2000),
  options: z.array(z.string().min(1).max(300)).max(6).default([]),
  default: z.string().max(1000).optional(),
});

export const askUser = defineTool({
  name: 'ask_user',
  sessions: ['phase', 'task', 'merge'],
  effect: 'wait',
  description:
    'Ask a person one question, with the options you see and the default you would take. The run sleeps until a person answers, which may take hours; after a time limit the default applies. Ask only what changes the result and what neither the request nor the code answers.',
  schema,
  async run({ question, options, default: fallback }, { record, call, services }: PlatformContext) {
    const row = await services.store.messages.ask({
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
});
