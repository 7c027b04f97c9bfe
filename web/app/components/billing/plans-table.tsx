import type { Answer } from '#server/contracts/client.ts';
import type { billingConfig } from '#server/contracts/billing.ts';
import { count, dollars } from '../../lib/format.ts';
import type { ReactNode } from 'react';
import { Table, type Column } from '../table.tsx';

type Plan = Answer<typeof billingConfig>['plans'][number];

const atMost = (limit: number | null, unit = '') => (limit === null ? 'Unlimited' : `${count(limit)}${unit}`);

const priceOf = ({ price_cents: cents, interval }: Plan) => {
  if (cents === null) return 'By agreement';
  return cents === 0 ? 'Free' : `${dollars(cents)} ${interval === 'once' ? 'once' : 'a month'}`;
};

/** The plans of the installation; `current` is the organization's own. */
export function PlansTable({
  plans,
  current,
  action,
}: {
  plans: readonly Plan[];
  current: string;
  /** The button of a plan, if it has one. */
  action?: (plan: Plan) => ReactNode;
}) {
  const columns: Column<Plan & { id: string }>[] = [
    {
      id: 'plan',
      head: 'Plan',
      main: true,
      cell: (plan) => (
        <span className="font-medium">
          {plan.label}
          {plan.tier === current && <span className="ml-2 text-xs font-normal text-muted">Yours</span>}
        </span>
      ),
    },
    { id: 'price', head: 'Price', right: true, cell: priceOf },
    { id: 'workflows', head: 'Workflows', right: true, cell: (plan) => atMost(plan.workflows_per_month) },
    { id: 'agents', head: 'Agents', right: true, from: 'sm', cell: (plan) => atMost(plan.agents) },
    { id: 'storage', head: 'Storage', right: true, from: 'sm', cell: (plan) => atMost(plan.storage_gb, ' GB') },
  ];
  if (action) columns.push({ id: 'action', head: 'Purchase', right: true, cell: action });
  // The plan of a machine's own organization is no offer to others.
  const rows = plans.filter(({ tier }) => tier !== 'local' || tier === current);
  return <Table label="Plans" columns={columns} rows={rows.map((plan) => ({ ...plan, id: plan.tier }))} />;
}
