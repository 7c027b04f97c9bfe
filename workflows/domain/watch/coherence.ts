export interface CoherenceWeights {
  trajectory_weight: number;
  steering_weight: number;
  phase_weight: number;
  balance_weight: number;
  critical: number;
  warning: number;
  inefficient: number;
  optimal: number;
  duplicate_share: number;
}

export interface WatchedAgent {
  phase: string;
  /** 0 to 1; null until the agent is judged. */
  alignment_score: number | null;
  aligned: boolean | null;
  needs_steering: boolean | null;
}

type SystemStatus = 'no_agents' | 'critical' | 'warning' | 'inefficient' | 'normal' | 'optimal';

export interface Coherence {
  score: number;
  status: SystemStatus;
  /** Every term of the sum with its value, so that a person can check it. */
  terms: {
    base: number;
    trajectory_penalty: number;
    steering_penalty: number;
    phase_coherence: number;
    load_balance: number;
    agents: number;
    judged: number;
  };
}

const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

/**
 * Coherence of a project's agents, 0 to 1 (WATCH-05): how well they work together. score = clamp(mean alignment - 0.2
 * unaligned share - 0.1 share needing steering + 0.1 phases per agent + 0.1 max(0, 1 - variance / mean^2 of agents per
 * phase), 0, 1). Without any judgement it is 1.
 */
export function coherence(agents: WatchedAgent[], duplicates: number, weights: CoherenceWeights): Coherence {
  const n = agents.length;
  const judged = agents.filter((agent) => agent.alignment_score !== null);
  const base = judged.length > 0 ? mean(judged.map((agent) => agent.alignment_score as number)) : 1;
  const share = (count: number) => (n > 0 ? count / n : 0);
  const perPhase = Object.values(countBy(agents.map((agent) => agent.phase)));
  const average = perPhase.length > 0 ? mean(perPhase) : 1;
  const variance = perPhase.length > 0 ? mean(perPhase.map((count) => (count - average) ** 2)) : 0;
  const terms = {
    base,
    trajectory_penalty: weights.trajectory_weight * share(agents.filter((agent) => agent.aligned === false).length),
    steering_penalty: weights.steering_weight * share(agents.filter((agent) => agent.needs_steering === true).length),
    phase_coherence: weights.phase_weight * share(perPhase.length),
    load_balance: n > 0 ? weights.balance_weight * Math.max(0, 1 - variance / average ** 2) : 0,
    agents: n,
    judged: judged.length,
  };
  const sum =
    terms.base - terms.trajectory_penalty - terms.steering_penalty + terms.phase_coherence + terms.load_balance;
  const score = judged.length === 0 ? 1 : Math.round(Math.min(1, Math.max(0, sum)) * 10_000) / 10_000;
  return { score, status: statusOf(score, n, duplicates, weights), terms };
}

function statusOf(score: number, agents: number, duplicates: number, w: CoherenceWeights): SystemStatus {
  if (agents === 0) return 'no_agents';
  if (score < w.critical) return 'critical';
  if (score < w.warning) return 'warning';
  if (score < w.inefficient || duplicates > w.duplicate_share * agents) return 'inefficient';
  return score < w.optimal ? 'normal' : 'optimal';
}

function countBy(values: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Recommendations for a person, most useful first. */
export function recommendations(
  result: Coherence,
  agents: WatchedAgent[],
  duplicates: { work_description: string }[],
  threshold: number,
): string[] {
  const advice: string[] = [];
  if (result.score < threshold)
    advice.push(`Coherence is ${result.score.toFixed(2)}: look at the runs that are not aligned.`);
  for (const duplicate of duplicates.slice(0, 3)) advice.push(`Two runs do the same: ${duplicate.work_description}`);
  const [phase, count] = Object.entries(countBy(agents.map((agent) => agent.phase))).sort((a, b) => b[1] - a[1])[0] ?? [
    '',
    0,
  ];
  if (agents.length > 2 && count / agents.length > 0.6)
    advice.push(`${count} of ${agents.length} runs are in ${phase}.`);
  return advice;
}
