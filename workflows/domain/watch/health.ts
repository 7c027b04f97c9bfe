/**
 * Health of a run, 0 to 1, from its alignment (WATCH-03): h = alignment; x 0.7 while it needs steering; less 0.1 for
 * each steer of the last hour, at most 0.3; x 0.8 when it is not aligned.
 */
export function runHealth(facts: {
  alignment: number;
  needs_steering: boolean;
  steers_last_hour: number;
  aligned: boolean;
}): number {
  let health = facts.alignment;
  if (facts.needs_steering) health *= 0.7;
  health -= Math.min(0.3, 0.1 * facts.steers_last_hour);
  if (!facts.aligned) health *= 0.8;
  return Math.min(1, Math.max(0, health));
}
