import { priorities, type Priority } from './states.ts';

export interface ScoreWeights {
  w_p: number;
  w_a: number;
  w_d: number;
  w_b: number;
  w_r: number;
  age_ceiling: number;
  sla_urgency_window: number;
  starvation_limit: number;
  blocker_ceiling: number;
  sla_boost: number;
  starvation_floor: number;
}

export interface Scored {
  priority: string;
  /** Seconds since the request. */
  age: number;
  /** Seconds until the deadline, negative when overdue; absent without a deadline. */
  slack?: number;
  /** Number of tasks that depend on this one. */
  dependents: number;
  retry_count: number;
  max_retries: number;
}

const clamp = (x: number) => Math.min(1, Math.max(0, x));

/**
 * Score of a waiting task, 0 to 1.25 (EXEC-03): 0.45 P + 0.20 A + 0.15 D + 0.15 B + 0.05 R; x 1.25 in the last 900 s
 * before the deadline; at least 0.6 after a wait of 7,200 s.
 */
export function taskScore(task: Scored, w: ScoreWeights): number {
  const p = 1 - Math.max(0, priorities.indexOf(task.priority as Priority)) / priorities.length;
  const a = clamp(task.age / w.age_ceiling);
  const d = task.slack === undefined ? 0 : clamp(1 - task.slack / w.sla_urgency_window);
  const b = clamp(task.dependents / w.blocker_ceiling);
  const r = task.max_retries > 0 ? clamp(1 - task.retry_count / task.max_retries) : 0;
  let score = w.w_p * p + w.w_a * a + w.w_d * d + w.w_b * b + w.w_r * r;
  if (task.slack !== undefined && task.slack >= 0 && task.slack <= w.sla_urgency_window) score *= w.sla_boost;
  return task.age >= w.starvation_limit ? Math.max(score, w.starvation_floor) : score;
}
