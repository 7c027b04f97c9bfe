import { costOf, type Pricing, type TokenCounts } from '#workflows/domain/billing/prices.ts';
import { scopeOf } from '#workflows/domain/billing/scopes.ts';
import type { ModelPort } from '../../ports/model.ts';
import type { CostEntry } from '#prisma/store/recorded-costs.ts';
import type { Run } from '#prisma/store/runs.ts';

/** A run with the own key that pays for its calls; null: the platform's. */
export type PaidRun = Run & {
  model_key_id: string | null;
  /** Why no key may pay for its calls; null: one does. */
  refused: string | null;
};

/** A run with the key that its calls are made with now. A fallback model's provider may have another key. */
export async function paidRun(model: Pick<ModelPort, 'accountOf'>, run: Run): Promise<PaidRun> {
  const account = await model.accountOf?.(run, run.provider);
  return { ...run, model_key_id: account?.key?.id ?? null, refused: account?.refused ?? null };
}

/** The cost record of a call of a run. */
export function costEntry(
  run: PaidRun,
  call: { key: string; usage: TokenCounts; provider: string; answered_by?: string },
  pricing: Pricing,
): CostEntry {
  return {
    key: call.key,
    ...scopeOf(run),
    run_id: run.id,
    caller_run_id: run.caller_run_id,
    sandbox_id: run.sandbox_id,
    kind: run.kind,
    provider: call.provider,
    model_key_id: run.model_key_id,
    model: call.answered_by || run.model,
    ...call.usage,
    ...costOf(run.model, call.usage, pricing),
  };
}
