import { noticeText } from '#workflows/domain/agent/notices.ts';
import { userContent } from '#workflows/domain/agent/user-message.ts';
import type { StoredMessage } from '#prisma/store/transcripts.ts';
import type { AnsweredRow, TurnMaterial } from '#prisma/store/turns.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import type { Services } from '../../ports/services.ts';
import type { Conversation } from '../conversation.ts';
import { createNestedInstructions } from '../nested-instructions.ts';
import type { ModelTurnInput } from './index.ts';

export interface ComposedTurn {
  /** Null when the turn adds nothing. */
  message: StoredMessage | null;
  /** The message contains the pending opening of an iteration. */
  opened: boolean;
}

/** Writes the user message that a turn adds to the conversation. */
export function createCompose(services: Pick<Services, 'store' | 'repositories' | 'config'>) {
  const { store, config } = services;
  const nestedInstructions = createNestedInstructions(services);

  /** Adds each of these once: results of the turn before, an opening, undelivered messages, notices. */
  return async function compose(
    input: ModelTurnInput,
    { run, calls, messages }: TurnMaterial,
    conversation: Conversation,
  ): Promise<ComposedTurn> {
    const said = conversation.saidIn(input.turn);
    const first = said.length === 0;
    const opens = first && input.turn === 1;
    const pending = run.call_no < input.call_no ? run.pending_opening : null;
    const answered = first && input.turn > 1 ? calls : [];
    const touched = answered.flatMap((call) =>
      call.status === 'done' && !call.is_error && call.path ? [call.path] : [],
    );
    // A model call without an answer is repeated; a notice in its stored message is not sent again.
    const sent = JSON.stringify(said);
    const blocks = userContent({
      calls: await withImages(store, answered),
      opening: opens ? run.opening : pending,
      // Only the first message has a mark: a request may have four, and openings follow each other without an answer.
      cache: opens ? { type: 'ephemeral', ttl: config.model.cache_ttl } : undefined,
      instructions: await nestedInstructions(run, conversation, touched),
      messages,
      notices: input.notices
        .map((code) => noticeText(code, run.limits.notice_at, run.kind as RunKind))
        .filter((text) => !sent.includes(JSON.stringify(text))),
    });
    const message: StoredMessage | null =
      blocks.length === 0
        ? null
        : { seq: conversation.last_seq + 1, turn: input.turn, role: 'user', content: JSON.stringify(blocks) };
    return { message, opened: pending !== null };
  };
}

/** The calls with the images of their results. */
export const withImages = (store: Services['store'], calls: AnsweredRow[]) =>
  Promise.all(
    calls.map(async (call) => {
      const blob = call.blob_id ? await store.toolCalls.blob(call.blob_id) : null;
      const image = blob ? { media_type: blob.kind, data: Buffer.from(blob.content).toString('base64') } : undefined;
      return { ...call, image };
    }),
  );
