export interface GatePolicy {
  mode: 'auto' | 'ask' | 'auto_above';
  /** For auto_above: the score above which a gate opens by itself, 0 to 1. */
  score: number | null;
  /** Phases that have a gate. */
  phases: string[];
  /** Seconds after which a waiting gate denies; null: it waits as long as it takes. */
  timeout_seconds: number | null;
}

/** Whether a phase that passed by its score still waits for a person's decision. */
export function needsPerson({ mode, phases, score: above }: GatePolicy, phase: string, score: number | null): boolean {
  if (mode === 'auto' || !phases.includes(phase)) return false;
  return mode === 'ask' || (score ?? 0) <= (above ?? 1);
}

export interface JudgedAttempt {
  phase: string;
  status: string;
  score: number | null;
  decision: unknown;
}

/**
 * Where a plan goes on: the place of its first phase whose newest attempt has not passed, or whose gate is not open;
 * the plan's length when all are through.
 * @param attempts oldest first.
 */
export function firstUnsettled(
  plan: readonly string[],
  attempts: readonly JudgedAttempt[],
  policy: GatePolicy,
): number {
  const settled = (phase: string) => {
    const last = attempts.filter((attempt) => attempt.phase === phase).at(-1);
    if (last?.status !== 'passed') return false;
    const action = (last.decision as { action?: string } | null)?.action;
    return action ? action === 'approved' : !needsPerson(policy, phase, last.score);
  };
  const at = plan.findIndex((phase) => !settled(phase));
  return at < 0 ? plan.length : at;
}
