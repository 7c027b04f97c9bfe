/** A reading of an agent of which so many in a row are bad is diagnosed, and the agent is put into quarantine (WATCH-13). */
export const badScore = 0.8;
export const badInARow = 3;
/** A reading, a baseline and a share of failures move by so much towards a new value. */
const ema = 0.1;
/** What is usual is known after so many tasks; a metric looks at so many of the newest. */
const samplesFrom = 10;
export const samplesTo = 100;
/** Blocked dependents that are as bad as can be. */
const mostBlocked = 10;

export const projectMetrics = {
  task_seconds: 'active seconds of a task',
  task_turns: 'turns of a task',
  task_micros: 'cost of a task in micro-dollars',
} as const;
export type ProjectMetric = keyof typeof projectMetrics;
export const anomalyMetrics = ['agent', 'task_seconds', 'task_turns', 'task_micros'] as const;
export const anomalySeverities = ['warning', 'error', 'critical'] as const;
export type AnomalySeverity = (typeof anomalySeverities)[number];

export interface Baseline {
  /** Tasks that it was made of. */
  samples: number;
  /** Mean and variance of a task's active milliseconds. */
  task_ms: number;
  task_variance: number;
  /** Share of tasks that failed, 0 to 1. */
  error_rate: number;
  cpu: number | null;
  memory_mb: number | null;
}

/** What is stored of an agent's work. Null: nothing was measured. */
export interface AgentFacts {
  /** Mean active milliseconds of its tasks that ended within an hour. */
  task_ms: number | null;
  /** Its tasks that ended since the reading before, and how many of them failed. */
  ended: number;
  failed: number;
  cpu: number | null;
  memory_mb: number | null;
  /** Tasks that wait for its open ones, a CRITICAL one double. */
  blocked: number;
}

export interface Reading {
  /** 0 to 1. */
  score: number;
  terms: { latency: number; errors: number; skew: number; queue: number };
  /** What was not measured, or has no baseline yet: it counts nothing. */
  absent: string[];
  /** Moving share of failures, 0 to 1. */
  error_ema: number;
  /** Bad readings in a row, this one included. */
  in_a_row: number;
  /** ISO time. */
  at: string;
}

const share = (value: number) => Math.min(1, Math.max(0, value));
const moved = (from: number, to: number) => from + ema * (to - from);

/**
 * WATCH-13: 0.35 * min(1, |z| / 3) + 0.30 * min(1, errors) + 0.20 * min(1, skew) + 0.15 * min(1, queue).
 * @param before the reading before; null: none. @param at ISO time.
 */
export function readAgent(facts: AgentFacts, base: Baseline, before: Reading | null, at: string): Reading {
  const absent: string[] = [];
  const known = base.samples >= samplesFrom;
  let latency = 0;
  if (facts.task_ms === null || !known) absent.push('task_ms');
  else {
    // A twentieth of the mean at least: equal tasks would make any other one an anomaly.
    const std = Math.max(Math.sqrt(base.task_variance), base.task_ms / 20, 1);
    latency = share(Math.abs(facts.task_ms - base.task_ms) / std / 3);
  }
  const failures = facts.ended > 0 ? facts.failed / facts.ended : null;
  const error_ema = failures === null ? (before?.error_ema ?? 0) : moved(before?.error_ema ?? 0, failures);
  const errors = share(base.error_rate > 0 ? (error_ema - base.error_rate) / base.error_rate : error_ema);
  const skews = (['cpu', 'memory_mb'] as const).flatMap((name) => {
    const [value, usual] = [facts[name], base[name]];
    if (value !== null && usual !== null) return [Math.abs(value - usual) / Math.max(usual, 1)];
    absent.push(name);
    return [];
  });
  const skew = skews.length > 0 ? share(skews.reduce((sum, x) => sum + x, 0) / skews.length) : 0;
  const queue = share(facts.blocked / mostBlocked);
  const score = Number((0.35 * latency + 0.3 * errors + 0.2 * skew + 0.15 * queue).toFixed(6));
  const in_a_row = score >= badScore ? (before?.in_a_row ?? 0) + 1 : 0;
  return { score, terms: { latency, errors, skew, queue }, absent, error_ema, in_a_row, at };
}

/** A baseline after a reading. The first value of a measure is taken as it is. */
export function learned(base: Baseline, facts: AgentFacts): Baseline {
  const first = base.samples === 0;
  const task_ms = facts.task_ms ?? base.task_ms;
  const apart = first ? 0 : task_ms - base.task_ms;
  const failures = facts.ended > 0 ? facts.failed / facts.ended : base.error_rate;
  const next = (usual: number | null, value: number | null) =>
    value === null ? usual : usual === null ? value : moved(usual, value);
  return {
    samples: base.samples + facts.ended,
    task_ms: first ? task_ms : moved(base.task_ms, task_ms),
    task_variance: (1 - ema) * (base.task_variance + ema * apart * apart),
    error_rate: first ? failures : moved(base.error_rate, failures),
    cpu: next(base.cpu, facts.cpu),
    memory_mb: next(base.memory_mb, facts.memory_mb),
  };
}

/** What a restart leaves of a baseline. */
export const afterRestart = 0.9;

export interface MetricReading {
  value: number;
  /** Mean and standard deviation of the values before. */
  mean: number;
  std: number;
  samples: number;
  /** Sigma by which the value is away from the mean. */
  deviation: number;
  severity: AnomalySeverity | null;
}

/** The newest value of a metric beside those before it, 10 to 100. @returns null with fewer. @param values newest first. */
export function readMetric(values: readonly number[]): MetricReading | null {
  const [value, ...all] = values;
  const before = all.slice(0, samplesTo);
  if (value === undefined || before.length < samplesFrom) return null;
  const mean = before.reduce((sum, x) => sum + x, 0) / before.length;
  const std = Math.sqrt(before.reduce((sum, x) => sum + (x - mean) ** 2, 0) / before.length);
  const deviation = std > 0 ? Math.abs(value - mean) / std : 0;
  const severity = deviation > 3 ? 'critical' : deviation > 2.5 ? 'error' : deviation > 2 ? 'warning' : null;
  return { value, mean, std, samples: before.length, deviation, severity };
}
