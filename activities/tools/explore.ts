import { z } from 'zod';
import type { CallKey } from '#prisma/store/tool-calls.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { deterministicId } from '../support/ids.ts';
import { parseToolInput } from './support/call-tool.ts';
import { defineTool } from './support/define-tool.ts';
import { allSessions, type PlatformContext } from './support/tool.ts';

const schema = z.strictObject({
  question: z.string().min(10).max(2000),
  paths: z
    .array(z.string().min(1).max(500))
    .max(20)
    .default([])
    .meta({ description: 'Files or folders to begin with.' }),
});

/** Id of the run that answers a call. */
export const explorationId = (runId: string, call: Pick<CallKey, 'turn' | 'position'>): string =>
  deterministicId(`explore:${runId}:${call.turn}:${call.position}`);

/** The input of a call that was accepted, from its stored JSON. */
export function readExplorationInput(stored: string): z.output<typeof schema> {
  const parsed = parseToolInput({ name: 'explore', schema }, JSON.parse(stored));
  if (!parsed.ok) throw new AppError('internal', 'The stored call of explore has no question.');
  return parsed.input;
}

export const explore = defineTool({
  name: 'explore',
  sessions: allSessions,
  effect: 'explore',
  description:
    'Let another agent answer a question that needs many files: how a feature works across the code base, what uses something, where similar cases are handled. It reads your files as they are now, changes nothing, and cites files and lines; what it reads stays out of your conversation. It does not see this conversation: ask one complete question. Neighbouring calls of one turn run at the same time. It spends your budget.',
  schema,
  run: (_input, { record, call }: PlatformContext) =>
    Promise.resolve({ text: '', outcome: { kind: 'exploring', run_id: explorationId(record.id, call) } }),
});
