import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { useCallback } from 'react';
import { billingAccount, billingConfig, billingLedger, billingUsage, usageSummary } from '#server/contracts/billing.ts';
import { listInvoices } from '#server/contracts/invoices.ts';
import { listPaymentMethods } from '#server/contracts/payments.ts';
import { getSubscription } from '#server/contracts/subscriptions.ts';
import { BuyCredit, BuyPlan, RedeemCode } from '../components/billing/buy.tsx';
import { CardsCard } from '../components/billing/cards-card.tsx';
import { SubscriptionCard } from '../components/billing/subscription-card.tsx';
import { InvoicesTable } from '../components/billing/invoices-table.tsx';
import { LedgerTable } from '../components/billing/ledger-table.tsx';
import { PlansTable } from '../components/billing/plans-table.tsx';
import { StripeInvoices } from '../components/billing/stripe-invoices.tsx';
import { UsageTable } from '../components/billing/usage-table.tsx';
import { Card, Empty, Notice, Stat } from '../components/card.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { OrganizationFrame } from '../components/organization/frame.tsx';
import { Exact } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { count, dollars } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Billing · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Billing' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const params = { id: where.params.organizationId ?? '' };
  const [config, account, usage, ledger, invoices, charged, subscribed, cards] = await Promise.all([
    api(billingConfig, {}),
    api(billingAccount, { params }),
    api(usageSummary, { params }),
    api(billingLedger, { params, query: { limit: 50 } }),
    api(listInvoices, { params, query: { limit: 50 } }),
    api(billingUsage, { params, query: { limit: 50 } }),
    api(getSubscription, { params }),
    // Stripe may be away; the rest of the page is not.
    api(listPaymentMethods, { params }).catch(() => ({ items: [] })),
  ]);
  return { config, account, usage, ledger, invoices, charged, subscribed, cards };
};

export default function Billing() {
  const { config, account, usage, ledger, invoices, charged, subscribed, cards } = useLoaderData<typeof loader>();
  const id = account.organization_id;
  useRefreshOn((event) => /^(billing|subscription)\./.test(event.type) || event.type === 'ticket.created');
  const list = useMore(
    ledger,
    useCallback((cursor: string) => call(billingLedger, { params: { id }, query: { cursor } }), [id]),
    id,
  );
  const invoiceList = useMore(
    invoices,
    useCallback((cursor: string) => call(listInvoices, { params: { id }, query: { cursor } }), [id]),
    id,
  );
  const usageList = useMore(
    charged,
    useCallback((cursor: string) => call(billingUsage, { params: { id }, query: { cursor } }), [id]),
    id,
  );
  const wanted = useSearchParams()[0].get('plan');
  const chosen = config.plans.find(({ tier, for_sale: sold }) => sold && tier === wanted);
  const plan = config.plans.find(({ tier }) => tier === account.tier);
  const limit = usage.workflows_limit;
  const { subscription } = subscribed;
  const canBuy = config.is_configured && account.tier === 'free' && subscription?.status !== 'paused';
  return (
    <OrganizationFrame
      page="billing"
      organizationId={id}
      note="What the work of this organization takes from its account."
    >
      {!usage.can_execute && <Notice tone="bad">{usage.message}</Notice>}
      {!config.is_configured && (
        <Notice tone="info">
          This installation keeps a local ledger and charges nothing.{' '}
          {config.is_enforced
            ? 'The limits of plans hold.'
            : 'The limits of plans do not hold: all work may start, and it is counted.'}
        </Notice>
      )}
      {canBuy && chosen && (
        <Notice tone="info">You chose the plan {chosen.label}. Buy it in the table of plans.</Notice>
      )}
      <Card title="Account">
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-5">
          <Stat name="Plan">{plan?.label ?? account.tier}</Stat>
          <Stat name="Workflows this month">
            {count(account.workflows_used)}
            {limit === null || !config.is_enforced ? '' : ` of ${count(limit)}`}
          </Stat>
          {account.tier === 'free' && <Stat name="Free workflows left">{count(account.free_workflows_remaining)}</Stat>}
          <Stat name="Credit">{dollars(account.credit_balance)}</Stat>
          <Stat name="Counts begin again" wrap>
            <Exact at={account.resets_at} />
          </Stat>
        </dl>
      </Card>
      {subscription && <SubscriptionCard organizationId={id} subscription={subscription} plans={config.plans} />}
      <Card title="Plans" flush>
        <PlansTable
          plans={config.plans}
          current={account.tier}
          action={
            canBuy
              ? (offer) =>
                  offer.for_sale && (
                    <BuyPlan
                      organizationId={id}
                      tier={offer.tier}
                      label={offer.label}
                      chosen={offer.tier === chosen?.tier}
                    />
                  )
              : undefined
          }
        />
        <p className="border-t px-4 py-2 text-xs text-muted">
          A workflow that no plan covers takes {dollars(config.workflow_price)} of credit. Storage is promised, and not
          measured.
        </p>
      </Card>
      {config.is_configured && (
        <>
          <Card title="Credit and codes">
            <div className="grid gap-4 sm:grid-cols-2">
              <BuyCredit organizationId={id} />
              <RedeemCode organizationId={id} />
            </div>
          </Card>
          <CardsCard organizationId={id} cards={cards.items} autoBilling={account.auto_billing_enabled} />
        </>
      )}
      {invoiceList.items.length > 0 && (
        <Card title="Invoices" flush>
          <InvoicesTable invoices={invoiceList.items} />
          <MoreButton list={invoiceList} />
        </Card>
      )}
      {config.is_configured && <StripeInvoices organizationId={id} />}
      {usageList.items.length > 0 && (
        <Card title="Usage" flush>
          <UsageTable usage={usageList.items} />
          <MoreButton list={usageList} />
        </Card>
      )}
      <Card title="Ledger" flush>
        {list.items.length === 0 ? (
          <Empty title="No entries yet">Each workflow that starts is entered here.</Empty>
        ) : (
          <LedgerTable entries={list.items} />
        )}
        <MoreButton list={list} />
      </Card>
    </OrganizationFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
