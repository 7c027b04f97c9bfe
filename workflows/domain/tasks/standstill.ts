interface Moving {
  id: string;
  status: string;
  depends_on: readonly string[];
}

const atWork = ['claiming', 'assigned', 'running', 'pending_validation', 'validating', 'needs_revision'];

/**
 * Whether nothing of a ticket can go on (DISC-08): a task has failed, none is at work, and each that waits needs, directly
 * or by others, one that failed. A ticket whose tasks are all completed waits for its review; that is no standstill.
 */
export function standsStill(tasks: readonly Moving[]): boolean {
  const failed = new Set(tasks.filter(({ status }) => status === 'failed').map(({ id }) => id));
  if (failed.size === 0 || tasks.some(({ status }) => atWork.includes(status))) return false;
  const held = new Set(failed);
  const waiting = tasks.filter(({ status }) => status === 'pending');
  for (let before = -1; before !== held.size;) {
    before = held.size;
    for (const { id, depends_on } of waiting) if (depends_on.some((one) => held.has(one))) held.add(id);
  }
  return waiting.every(({ id }) => held.has(id));
}
