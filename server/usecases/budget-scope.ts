import { phaseIds, planSession } from '#workflows/domain/phases/index.ts';
import { phaseIdsOfBoard } from '#workflows/domain/tasks/states.ts';
import { recordOfScope, type BudgetScope } from '#workflows/domain/billing/scopes.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';

const costedPhases: readonly string[] = [...phaseIds, planSession, ...phaseIdsOfBoard];

/** The scope that an input names, or the whole organization. @throws not_found for another organization's id. */
export async function budgetScope(
  { services, organization_id }: Call,
  type: BudgetScope | 'billing_account',
  id: string | undefined,
): Promise<{ type: BudgetScope; id: string }> {
  if (type === 'global') return { type, id: organization_id };
  if (!id)
    throw new AppError('invalid_rule', `scope_id is needed with the scope ${type}.`, [
      { field: 'scope_id', message: 'is needed' },
    ]);
  if (type === 'phase') {
    if (!costedPhases.includes(id))
      throw new AppError('invalid_rule', `${id} is not a phase. Phases are ${costedPhases.join(', ')}.`, [
        { field: 'scope_id', message: 'is not a phase' },
      ]);
    return { type, id };
  }
  const owner = await services.store.scopes.organizationOf(recordOfScope[type] ?? type, id);
  if (owner !== organization_id) throw notFound(type.replace('_', ' '));
  // An organization has one account, which pays for all of its work.
  return type === 'billing_account' ? { type: 'global', id } : { type, id };
}
