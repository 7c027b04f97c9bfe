import type { Contract } from '#server/contracts/contract.ts';
import type { listBudgets } from '#server/contracts/budgets.ts';
import type { Input, Item } from '#server/contracts/client.ts';
import type { CostGroup } from '#workflows/domain/billing/scopes.ts';
import { phaseTitle } from '#workflows/domain/phases/names.ts';
import { call } from './browser-api.ts';
import { sentence } from './format.ts';

/** What costs are divided by, as people call it. */
export const groupNames: Record<CostGroup, string> = {
  model: 'Model',
  provider: 'Provider',
  project: 'Project',
  spec: 'Spec',
  ticket: 'Ticket',
  task: 'Task',
  agent: 'Agent',
  phase: 'Phase',
  person: 'Person',
  day: 'Day',
};

/** What a group without a key is: calls that belong to nothing of the kind. */
export const withoutKey = (by: CostGroup): string =>
  by === 'person' ? 'The platform' : `No ${groupNames[by].toLowerCase()}`;

/** The page of a record that costs or budgets name. */
export function pageOfScope(type: string, id: string | null): string | undefined {
  const folder = { project: 'projects', spec: 'specs', ticket: 'tickets', agent: 'runs', run: 'runs' }[type];
  return folder && id ? `/${folder}/${id}` : undefined;
}

/** A budget with the name of what it is for. */
export type BudgetItem = Item<typeof listBudgets>;

/** A phase by its name: of planning, or of the board. */
export const phaseName = (id: string) =>
  sentence(
    phaseTitle(id)
      .replace(/^PHASE_/, '')
      .toLowerCase(),
  );

export function scopeName({ scope_type, scope_id, scope_label }: BudgetItem): string {
  if (scope_type === 'global') return 'The whole organization';
  if (scope_type === 'phase') return `Phase ${phaseName(scope_id)}`;
  return scope_label ?? `${sentence(scope_type)} ${scope_id}`;
}

/** Saves the answer of a call as a file. */
export async function saveFile<C extends Contract>(contract: C, input: Input<C>, name: string): Promise<void> {
  const text = String(await call(contract, input));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
