/** A task's claim on a slot of its organization. */
export interface Claim {
  task_id: string;
  project_id: string;
  held: boolean;
  /** The result of `taskScore`. */
  score: number;
  /** ISO time of the request. */
  requested_at: string;
}

/**
 * The waiting claims that get the free slots of the organization: the most urgent first; among equal ones, the claim
 * whose project holds the fewest slots, then the oldest.
 * @param limit number of agents of the organization at once.
 */
export function nextClaims(claims: readonly Claim[], limit: number): Claim[] {
  const held = new Map<string, number>();
  for (const { project_id: project, held: holds } of claims) if (holds) held.set(project, (held.get(project) ?? 0) + 1);
  const holds = (claim: Claim) => held.get(claim.project_id) ?? 0;
  const waiting = claims.filter((claim) => !claim.held);
  const next: Claim[] = [];
  for (let free = limit - (claims.length - waiting.length); free > 0 && waiting.length > 0; free -= 1) {
    waiting.sort((a, b) => b.score - a.score || holds(a) - holds(b) || a.requested_at.localeCompare(b.requested_at));
    const first = waiting.shift() as Claim;
    held.set(first.project_id, holds(first) + 1);
    next.push(first);
  }
  return next;
}
