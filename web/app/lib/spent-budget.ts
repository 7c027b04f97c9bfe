interface Waiting {
  id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string | null;
  task_id: string | null;
  waiting_for: string | null;
  waiting_reason: string | null;
}

/**
 * The budget that a run waits for, by the reason that it gives; undefined where the run waits for something else, or for
 * the budget of a phase, of which the run does not know the name.
 */
export function spentBudget(
  run: Waiting,
): { scope_type: 'run' | 'task' | 'ticket' | 'spec' | 'project' | 'global'; scope_id?: string } | undefined {
  if (run.waiting_for !== 'budget') return undefined;
  const [, scope] = /budget of this (\w+) is (?:spent|too low)/.exec(run.waiting_reason ?? '') ?? [];
  if (scope === 'organization') return { scope_type: 'global' };
  const ids = { run: run.id, task: run.task_id, ticket: run.ticket_id, spec: run.spec_id, project: run.project_id };
  for (const scope_type of ['run', 'task', 'ticket', 'spec', 'project'] as const) {
    const scope_id = ids[scope_type];
    if (scope_type === scope && scope_id) return { scope_type, scope_id };
  }
  return undefined;
}
