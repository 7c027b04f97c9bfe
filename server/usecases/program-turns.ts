import { createHash } from 'node:crypto';
import type { ModelResponse } from '#activities/ports/model.ts';
import type { Services } from '#activities/ports/services.ts';
import type { CostEntry } from '#prisma/store/recorded-costs.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { ProgramTurn } from '#prisma/store/program-turns.ts';
import { isOfConversation, newContent } from '#workflows/domain/agent/program-request.ts';
import { changeTexts, storableText } from '#workflows/domain/text.ts';

/** A request by which the program in a sandbox asks for the next turn of its run. */
export interface AskedTurn {
  /** SHA-256 of its messages: the same request, sent again, gets the same answer. */
  hash: string;
  added: ReturnType<typeof newContent>;
}

/** Undefined for a run of the platform's own loop, and for what a subagent asks: that is no turn of the run. */
export function askedTurnOf(run: Run, body: Record<string, unknown>): AskedTurn | undefined {
  if (run.settings.runner === undefined || !isOfConversation(body, run.system_prompt)) return undefined;
  const hash = createHash('sha256').update(JSON.stringify(body.messages)).digest('hex');
  return { hash, added: newContent(body.messages) };
}

/** The message of an answer, as the Messages API has it. */
export const messageOf = ({
  id,
  model,
  content,
  stop_reason,
  usage,
}: Pick<ModelResponse, 'id' | 'model' | 'content' | 'usage'> & { stop_reason: string }) => ({
  id,
  type: 'message' as const,
  role: 'assistant' as const,
  model,
  content,
  stop_reason,
  stop_sequence: null,
  usage: {
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    cache_read_input_tokens: usage.cache_read_tokens,
    cache_creation_input_tokens: usage.cache_write_tokens,
  },
});

/** The answer that a request got before. One that was cut, or that says nothing, is asked for again. */
export async function answeredBefore({ store }: Pick<Services, 'store'>, run: Run, { hash }: AskedTurn) {
  const known = await store.programTurns.answered(run, hash);
  if (!known || known.content.length === 0 || !['end_turn', 'tool_use'].includes(known.turn.stop_reason))
    return undefined;
  const { turn, content } = known;
  return messageOf({
    id: `msg_${run.id.replaceAll('-', '')}${turn.turn}`,
    model: turn.model,
    content: content as ModelResponse['content'],
    stop_reason: turn.stop_reason,
    usage: turn,
  });
}

/** The rows of an answered turn. Texts lose what looks like a secret, as in any other conversation that is stored. */
export function programTurnOf(
  { redact }: Pick<Services, 'redact'>,
  run: Run,
  answered: {
    turn: AskedTurn;
    response: ModelResponse;
    cost: CostEntry;
    times: { started_at: Date; first_token_ms?: number | undefined; request_bytes: number };
  },
): ProgramTurn {
  const { turn, response, cost, times } = answered;
  const refused = response.stop_reason === 'refusal';
  const uses = refused ? [] : response.content.filter(({ type }) => type === 'tool_use');
  const { blocks, text, results } = changeTexts(turn.added, (part) => redact(storableText(part)));
  return {
    run,
    cost,
    request_hash: turn.hash,
    added: { content: JSON.stringify(blocks), text, results },
    call_no: 0,
    model: response.model || run.model,
    stop_reason: response.stop_reason,
    refusal: response.refusal,
    content: refused ? '[]' : JSON.stringify(response.content),
    calls: uses.map((block, position) => ({
      position,
      tool_use_id: String(block.id),
      name: String(block.name),
      input: JSON.stringify(block.input ?? {}),
    })),
    request_bytes: times.request_bytes,
    shared_bytes: 0,
    model_attempts: 1,
    started_at: times.started_at,
    first_token_ms: times.first_token_ms,
    answered_at: new Date(),
  };
}
