/** What a budget can be set on; 'global' is the whole organization. */
export const budgetScopes = ['global', 'project', 'spec', 'ticket', 'task', 'run', 'phase', 'agent'] as const;
export type BudgetScope = (typeof budgetScopes)[number];
