import { currentPlan, isOperatorsPlan } from '#workflows/domain/billing/subscriptions.ts';
import type { Transaction } from './core.ts';

/** The plan of an organization now, by its stored one and its subscriptions. */
export async function planNow(tx: Transaction, organizationId: string, stored: string): Promise<string> {
  if (isOperatorsPlan(stored)) return stored;
  const rows = await tx.subscription.findMany({ where: { organization_id: organizationId } });
  return currentPlan(stored, rows, new Date());
}
