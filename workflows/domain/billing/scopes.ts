/** The scopes of a budget; 'global' is the whole organization. */
export const budgetScopes = ['global', 'project', 'spec', 'ticket', 'task', 'run', 'phase', 'agent'] as const;
export type BudgetScope = (typeof budgetScopes)[number];

export interface ScopeRef {
  type: BudgetScope;
  id: string;
}

/** The scopes of every budget that a cost counts against. */
export function scopesOf(entry: {
  organization_id: string;
  project_id?: string | null;
  spec_id?: string | null;
  ticket_id?: string | null;
  task_id?: string | null;
  run_id?: string | null;
  phase?: string | null;
}): ScopeRef[] {
  const scopes: [BudgetScope, string | null | undefined][] = [
    ['global', entry.organization_id],
    ['project', entry.project_id],
    ['spec', entry.spec_id],
    ['ticket', entry.ticket_id],
    ['task', entry.task_id],
    ['run', entry.run_id],
    ['agent', entry.run_id],
    ['phase', entry.phase],
  ];
  return scopes.flatMap(([type, id]) => (id ? [{ type, id }] : []));
}
