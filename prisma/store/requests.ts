import type { StoreCore } from './core.ts';

/** Answers of requests that have an Idempotency-Key. */
export function requestsStore(core: StoreCore) {
  return {
    /**
     * Claims a request by its idempotency key.
     * @returns the stored answer, or null when the caller must handle it: it is new, or its earlier process crashed.
     */
    claimRequest: (actor: string, key: string, requestHash: string, abandonedAfterMs: number) =>
      core.change(async (tx) => {
        const claimed = await tx.idempotencyKey.createMany({
          data: { actor, key, request_hash: requestHash },
          skipDuplicates: true,
        });
        const abandoned = {
          actor,
          key,
          request_hash: requestHash,
          status: null,
          created_at: { lt: new Date(Date.now() - abandonedAfterMs) },
        };
        const taken =
          claimed.count === 1
            ? claimed
            : await tx.idempotencyKey.updateMany({ where: abandoned, data: { created_at: new Date() } });
        return taken.count === 1 ? null : tx.idempotencyKey.findUniqueOrThrow({ where: { actor_key: { actor, key } } });
      }),
    /** Keeps a claim whose request still runs. */
    renewRequest: (actor: string, key: string) =>
      core.change(
        async (tx) =>
          void (await tx.idempotencyKey.updateMany({
            where: { actor, key, status: null },
            data: { created_at: new Date() },
          })),
      ),
    answerRequest: (actor: string, key: string, status: number, body: string) =>
      core.change(
        async (tx) =>
          void (await tx.idempotencyKey.update({ where: { actor_key: { actor, key } }, data: { status, body } })),
      ),
    forgetRequest: (actor: string, key: string) =>
      core.change(async (tx) => void (await tx.idempotencyKey.deleteMany({ where: { actor, key, status: null } }))),
  };
}
