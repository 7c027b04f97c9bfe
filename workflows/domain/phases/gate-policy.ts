export interface GatePolicy {
  mode: 'auto' | 'ask' | 'auto_above';
  /** For auto_above: the score above which a gate opens by itself, 0 to 1. */
  score: number | null;
  /** Phases that have a gate. */
  phases: string[];
  /** Seconds after which a waiting gate expires and rejects; null: it waits without a limit. */
  timeout_seconds: number | null;
}

/** Whether a phase that has passed by its score still needs a person's decision. */
export function needsPerson({ mode, phases, score: above }: GatePolicy, phase: string, score: number | null): boolean {
  if (mode === 'auto' || !phases.includes(phase)) return false;
  return mode === 'ask' || (score ?? 0) <= (above ?? 1);
}

/** How a feature is planned: each phase in a session of its own, or all of them in one. */
export const planKinds = ['auto', 'compact', 'full'] as const;
export type PlanKind = (typeof planKinds)[number];

/**
 * Whether one session plans the feature. `auto` takes the phases one by one where a person decides at gates, since each
 * decision then reaches the work on the next phase.
 */
export const isCompact = (plan: PlanKind, { mode, phases }: GatePolicy): boolean =>
  plan === 'compact' || (plan === 'auto' && (mode === 'auto' || phases.length === 0));

export interface JudgedAttempt {
  phase: string;
  status: string;
  score: number | null;
  decision: unknown;
}

/**
 * The index of the phase from which a plan continues: the first one whose newest attempt has not passed, or whose gate
 * is not open; the plan's length when all have passed.
 * @param attempts oldest first.
 */
export function firstOpenPhase(
  plan: readonly string[],
  attempts: readonly JudgedAttempt[],
  policy: GatePolicy,
): number {
  const passedGate = (phase: string) => {
    const last = attempts.filter((attempt) => attempt.phase === phase).at(-1);
    if (last?.status !== 'passed') return false;
    const action = (last.decision as { action?: string } | null)?.action;
    return action ? action === 'approved' : !needsPerson(policy, phase, last.score);
  };
  const at = plan.findIndex((phase) => !passedGate(phase));
  return at < 0 ? plan.length : at;
}
