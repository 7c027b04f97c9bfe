/** The scopes of a budget; 'global' is the whole organization. */
export const budgetScopes = ['global', 'project', 'spec', 'ticket', 'task', 'run', 'phase', 'agent'] as const;
export type BudgetScope = (typeof budgetScopes)[number];

/** What a summary of costs is divided by; `agent` is a run, `person` launched the work, `day` is of UTC. */
export const costGroups = [
  'model',
  'provider',
  'project',
  'spec',
  'ticket',
  'task',
  'agent',
  'phase',
  'person',
  'day',
] as const;
export type CostGroup = (typeof costGroups)[number];

export interface ScopeRef {
  type: BudgetScope;
  id: string;
}

/** The work that a call of a model is made for. Its cost counts against the budgets of all of it. */
export interface CallScope {
  organization_id: string;
  project_id: string | null;
  spec_id?: string | null;
  ticket_id?: string | null;
  task_id?: string | null;
  /** Absent for a call about a run that the run does not pay for, such as the diagnosis of its failure. */
  run_id?: string | null;
  /** The run whose question the call's run answers: it pays too. */
  caller_run_id?: string | null;
  /** Planning phase of a spec, or board phase of a task. */
  phase?: string | null;
}

/** The work of a run, without the run itself. */
export const scopeOf = (run: {
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string | null;
  task_id: string | null;
  phase: string | null;
}) => ({
  organization_id: run.organization_id,
  project_id: run.project_id,
  spec_id: run.spec_id,
  ticket_id: run.ticket_id,
  task_id: run.task_id,
  phase: run.phase,
});

/** The work of a task. */
export const scopeOfTask = (task: {
  id: string;
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string;
  phase_id: string;
}) => scopeOf({ ...task, task_id: task.id, phase: task.phase_id });

/** The scopes of every budget that a cost counts against. */
export function scopesOf(entry: CallScope): ScopeRef[] {
  const scopes: [BudgetScope, string | null | undefined][] = [
    ['global', entry.organization_id],
    ['project', entry.project_id],
    ['spec', entry.spec_id],
    ['ticket', entry.ticket_id],
    ['task', entry.task_id],
    ['run', entry.run_id],
    ['agent', entry.run_id],
    ['run', entry.caller_run_id],
    ['agent', entry.caller_run_id],
    ['phase', entry.phase],
  ];
  return scopes.flatMap(([type, id]) => (id ? [{ type, id }] : []));
}

/** The kind of record that a scope's id names. */
export const recordOfScope: Readonly<Partial<Record<string, string>>> = {
  project: 'project',
  spec: 'spec',
  ticket: 'ticket',
  task: 'task',
  run: 'run',
  agent: 'run',
  billing_account: 'organization',
};
