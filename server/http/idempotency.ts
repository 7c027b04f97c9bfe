import { createHash } from 'node:crypto';
import type { Services } from '#activities/ports/services.ts';
import type { IdempotencyKey } from '#prisma/generated/client.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Actor } from './context.ts';

/** Whose Idempotency-Keys are apart from those of others; empty for a call without sign-in. */
export const requester = ({ user_id, agent, place }: Actor): string =>
  place ? `agent:${place.agent_id}` : agent ? `run:${agent.run_id}` : user_id;

export interface IdempotentRequest {
  key: string;
  hash: string;
}

/**
 * The key and hash of a request that may be repeated.
 * @param key undefined where the caller gave none. @param content all that makes it the same request; read only where there is a key.
 * @throws invalid_body for a key of more than 200 characters.
 */
export function idempotentRequest(
  actor: Actor,
  key: string | undefined,
  content: () => string,
): IdempotentRequest | undefined {
  if (!key || !requester(actor)) return undefined;
  if (key.length > 200) throw new AppError('invalid_body', 'An Idempotency-Key has at most 200 characters.');
  return { key, hash: createHash('sha256').update(content()).digest('hex') };
}

/** A claim that was not renewed for so long belongs to a crashed process. */
const abandonedAfterMs = 60_000;
const renewEveryMs = 15_000;

/** API-04: a repeated request with the same key gets the first answer; nothing is created twice. */
export async function idempotent(
  services: Services,
  actor: Actor,
  { key, hash }: IdempotentRequest,
  shownOnce: readonly string[],
  work: () => Promise<{ status: number; body: unknown }>,
): Promise<{ status: number; body: unknown }> {
  const { identity } = services.store;
  const known: IdempotencyKey | null = await identity.claimRequest(requester(actor), key, hash, abandonedAfterMs);
  if (known) {
    if (known.request_hash !== hash)
      throw new AppError('conflict', 'This Idempotency-Key was used for another request.');
    if (known.status === null)
      throw new AppError(
        'conflict',
        'The first request with this Idempotency-Key is still running. Try again in a moment.',
        undefined,
        1,
      );
    return { status: known.status, body: known.body ? (JSON.parse(known.body) as unknown) : undefined };
  }
  // A merge or an analysis may take minutes. Where a renewal fails, the next one follows before the claim is abandoned.
  const renewal = setInterval(
    () => void identity.renewRequest(requester(actor), key).catch(() => undefined),
    renewEveryMs,
  );
  try {
    const answer = await work();
    await identity.answerRequest(
      requester(actor),
      key,
      answer.status,
      answer.body === undefined
        ? ''
        : JSON.stringify(answer.body, (field, value: unknown) => (shownOnce.includes(field) ? null : value)),
    );
    return answer;
  } catch (error) {
    // The request failed: the key may be used again.
    await identity.forgetRequest(requester(actor), key);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}
