import { randomUUID } from 'node:crypto';
import { workflowId } from '#workflows/contracts/ids.ts';
import {
  addCredit,
  dollars,
  openAccount,
  release,
  reserve,
  resetIfDue,
  type Account,
  type AccountStatus,
  type Changed,
  type Denial,
  type Reservation,
  type Source,
} from '#workflows/domain/billing/account.ts';
import { amountDue, unpaid } from '#workflows/domain/billing/invoices.ts';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import { AppError, notFound, present } from '#workflows/domain/errors.ts';
import type { BillingAccount, WorkflowReservation } from '../generated/client.ts';
import { planNow } from './current-plan.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';

/** Work that is paid for once: a spec with all its tickets, or a ticket of no spec. */
export interface PaidWork {
  organization_id: string;
  project_id: string | null;
  /** The spec; null for a ticket of no spec. */
  spec_id: string | null;
  ticket_id?: string;
}

const partOf = ({ spec_id, ticket_id }: PaidWork) => (spec_id ? { spec_id } : { ticket_id });
const workflowOf = ({ spec_id, ticket_id }: PaidWork) =>
  spec_id ? workflowId.spec(spec_id) : workflowId.ticket(present(ticket_id, 'the ticket that is paid for'));

const accountOf = (row: BillingAccount): Account => ({
  status: row.status as AccountStatus,
  credit_cents: row.credit_cents,
  free_workflows: row.free_workflows,
  used_workflows: row.used_workflows,
  resets_at: row.resets_at.getTime(),
});
const reservationOf = (row: WorkflowReservation): Reservation => ({
  source: row.source as Source,
  price_cents: row.price_cents,
  credit_cents: row.credit_cents,
  free_workflows: row.free_workflows,
  used_workflows: row.used_workflows,
  resets_at: row.resets_at.getTime(),
});

/** Locks the account, so that changes come one after another, until the transaction ends. */
export async function lockAccount(
  tx: Transaction,
  organizationId: string,
): Promise<{ row: BillingAccount; account: Account; plan: string }> {
  await tx.$queryRaw`SELECT 1 FROM billing_accounts WHERE organization_id = ${organizationId}::uuid FOR UPDATE`;
  const row = await tx.billingAccount.findUnique({
    where: { organization_id: organizationId },
    include: { organization: { select: { plan: true } } },
  });
  if (!row) throw notFound('organization');
  const plan = await planNow(tx, organizationId, row.organization.plan);
  return { row, account: accountOf(row), plan };
}

/** Stores the balance of a locked account and the entries that led to it. `key` names what caused them. */
export async function post(
  tx: Transaction,
  organizationId: string,
  { account, entries }: Changed,
  cause: { key: string; workflow_id?: string; period?: string },
): Promise<void> {
  if (entries.length === 0) return;
  const { resets_at, ...fields } = account;
  await tx.billingAccount.update({
    where: { organization_id: organizationId },
    data: { ...fields, resets_at: new Date(resets_at) },
  });
  const now = Date.now();
  let credit = account.credit_cents - entries.reduce((sum, entry) => sum + entry.credit_cents, 0);
  await tx.ledgerEntry.createMany({
    data: entries.map((entry, at) => {
      const monthly = entry.kind === 'monthly_reset';
      credit += entry.credit_cents;
      return {
        ...entry,
        id: randomUUID(),
        organization_id: organizationId,
        key: monthly ? `monthly_reset:${cause.period ?? new Date(now).toISOString()}` : `${entry.kind}:${cause.key}`,
        workflow_id: monthly ? null : cause.workflow_id,
        credit_after: credit,
        // Those of one change keep their order.
        created_at: new Date(now + at),
      };
    }),
  });
}

/** Opens the account of a new organization. */
export async function openBilling(tx: Transaction, organizationId: string, rules: BillingRules): Promise<void> {
  const opened = openAccount(rules, Date.now());
  await tx.billingAccount.create({
    data: {
      organization_id: organizationId,
      status: opened.account.status,
      resets_at: new Date(opened.account.resets_at),
    },
  });
  await post(tx, organizationId, opened, { key: 'account' });
}

/**
 * Cents that an organization owes: for work that was reserved or done and stands on no invoice, and for unpaid invoices.
 * Null where its work is not invoiced: it wants none, has no card, or is late with a payment.
 */
async function owedBy(
  tx: Transaction,
  { organization_id, auto_billing, card }: BillingAccount,
): Promise<number | null> {
  if (!auto_billing || !card) return null;
  const invoices = await tx.invoice.findMany({ where: { organization_id, status: { in: [...unpaid] } } });
  if (invoices.some(({ status }) => status === 'past_due')) return null;
  const [reserved, used] = await Promise.all([
    tx.workflowReservation.aggregate({
      where: { organization_id, state: 'reserved', source: 'invoice' },
      _sum: { price_cents: true },
    }),
    tx.usageRecord.aggregate({
      where: { organization_id, billed: false, invoice_id: null },
      _sum: { total_cents: true },
    }),
  ]);
  const due = invoices.reduce((sum, invoice) => sum + amountDue(invoice), 0);
  return due + (reserved._sum.price_cents ?? 0) + (used._sum.total_cents ?? 0);
}

/** The error of work that cannot be paid for, with its remedies. */
const refused = ({ reason, message }: Denial, organizationId: string) =>
  new AppError('payment_required', message, {
    reason,
    organization_id: organizationId,
    billing_page: `/organizations/${organizationId}/billing`,
  });

/**
 * The gate of money. It takes what the workflow of a piece of work costs from its organization's account, under the
 * lock of the account's row: of concurrent callers with one credit, one passes.
 *
 * Call it in the transaction that accepts the work, after its row is written and before any workflow starts; where the
 * work is there already (it is started again, or changes are requested), call `store.billing.reserve`. A workflow has
 * one reservation: a repeated call, and a call for work that has been charged, changes nothing. Work of a spec passes
 * its `spec_id`, so its tickets, tasks, discoveries, forks and retries are paid with it.
 * @throws payment_required with the reason and the page of the remedy.
 */
export async function reserveWorkflow(tx: Transaction, work: PaidWork, rules: BillingRules): Promise<void> {
  const { organization_id } = work;
  const workflow_id = workflowOf(work);
  const find = () => tx.workflowReservation.findUnique({ where: { workflow_id } });
  const isPaid = (row: WorkflowReservation | null) => row !== null && row.state !== 'released';
  // Work that is paid for takes no lock: each later task of a ticket comes here too.
  if (isPaid(await find())) return;
  const { row, account, plan } = await lockAccount(tx, organization_id);
  const known = await find();
  if (isPaid(known)) return;
  const answer = reserve(account, plan, rules, Date.now(), await owedBy(tx, row));
  if ('denied' in answer) throw refused(answer.denied, organization_id);
  const { resets_at, ...taken } = answer.reservation;
  const times = (known?.times ?? 0) + 1;
  const data = { ...taken, resets_at: new Date(resets_at), state: 'reserved', times, settled_at: null };
  await post(tx, organization_id, answer, { key: `${workflow_id}:${times}`, workflow_id });
  await tx.workflowReservation.upsert({
    where: { workflow_id },
    create: { ...data, workflow_id, organization_id },
    update: { ...data, reserved_at: new Date() },
  });
}

/** The event of work that was refused, stored by itself: the transaction of the work is undone. */
export async function orRecordBlocked<T>(core: StoreCore, work: PaidWork, accept: () => Promise<T>): Promise<T> {
  try {
    return await accept();
  } catch (error) {
    if (error instanceof AppError && error.code === 'payment_required') {
      const { reason } = error.details as { reason: string };
      await core.change(async (_tx, emit) =>
        emit({
          type: 'billing.workflow_blocked',
          organization_id: work.organization_id,
          project_id: work.project_id,
          entity: { kind: 'billing_account', id: work.organization_id },
          data: { ...partOf(work), reason, message: error.message },
        }),
      );
    }
    throw error;
  }
}

/**
 * Settles the reservation of work that has ended, in the transaction of its end: charged when an agent made a turn for
 * it, otherwise released. A repeated call changes nothing.
 */
export async function settleWorkflow(tx: Transaction, emit: Emit, work: PaidWork): Promise<void> {
  const { organization_id, project_id } = work;
  const workflow_id = workflowOf(work);
  if (!(await tx.workflowReservation.findFirst({ where: { workflow_id, state: 'reserved' } }))) return;
  const { account } = await lockAccount(tx, organization_id);
  const row = await tx.workflowReservation.findFirst({ where: { workflow_id, state: 'reserved' } });
  if (!row) return;
  const worked = await tx.turn.findFirst({ where: { organization_id, run: partOf(work) }, select: { turn: true } });
  await tx.workflowReservation.update({
    where: { workflow_id },
    data: { state: worked ? 'charged' : 'released', settled_at: new Date() },
  });
  if (!worked) {
    const released = release(account, reservationOf(row), Date.now());
    await post(tx, organization_id, released, { key: `${workflow_id}:${row.times}`, workflow_id });
    return;
  }
  const usage = {
    workflow_id,
    usage_type: 'workflow_completion',
    quantity: 1,
    unit_price_cents: row.price_cents,
    total_cents: row.price_cents,
    source: row.source,
    free_tier_used: row.source === 'free_tier',
  };
  // The reservation has paid it, from the quota or from the credit, unless an invoice will.
  await tx.usageRecord.create({
    data: { ...usage, id: randomUUID(), organization_id, billed: usage.source !== 'invoice' },
  });
  emit({
    type: 'billing.usage_recorded',
    organization_id,
    project_id,
    entity: { kind: 'billing_account', id: organization_id },
    data: { ...partOf(work), source: usage.source, total_cents: usage.total_cents },
  });
}

/**
 * Adds paid credit. `key` names the payment: it counts once.
 * @throws conflict for a payment that counts already with another amount.
 */
export async function enterCredit(
  tx: Transaction,
  emit: Emit,
  organizationId: string,
  { cents, key }: { cents: number; key: string },
): Promise<void> {
  const { account } = await lockAccount(tx, organizationId);
  const where = { organization_id: organizationId, key: `credit_purchase:${key}` };
  const known = await tx.ledgerEntry.findUnique({ where: { organization_id_key: where } });
  if (known && known.credit_cents !== cents)
    throw new AppError(
      'conflict',
      `The payment ${key} has added ${dollars(known.credit_cents)} already, so it cannot add ${dollars(cents)}. Name another payment.`,
    );
  if (known) return;
  const changed = addCredit(account, cents);
  await post(tx, organizationId, changed, { key });
  await tx.billingAccount.update({
    where: { organization_id: organizationId },
    data: { low_credit_mail: false, ...(account.status === 'pending' ? { status: 'active' } : {}) },
  });
  emit({
    type: 'billing.credits_added',
    organization_id: organizationId,
    entity: { kind: 'billing_account', id: organizationId },
    data: { amount_cents: cents, new_balance_cents: changed.account.credit_cents },
  });
}

/** What an organization's balance says, and the sum of its ledger. */
interface Difference {
  organization_id: string;
  credit_cents: number;
  entered_cents: number;
}

export function billingStore(core: StoreCore, rules: BillingRules) {
  const read = (organizationId: string) =>
    core.read(async (db) => {
      const row = await db.billingAccount.findUnique({
        where: { organization_id: organizationId },
        include: { organization: { select: { plan: true } } },
      });
      if (!row) throw notFound('organization');
      return { ...row, organization: { plan: await planNow(db, organizationId, row.organization.plan) } };
    });
  return {
    /** `reserveWorkflow` for work that has been accepted before. */
    reserve: (work: PaidWork) =>
      orRecordBlocked(core, work, () => core.change((tx) => reserveWorkflow(tx, work, rules))),
    /** `settleWorkflow` for work that could not be started. */
    settle: (work: PaidWork) => core.change((tx, emit) => settleWorkflow(tx, emit, work)),

    /** The account as it is now: the counts of a month that has ended are not shown. */
    account: async (organizationId: string) => {
      const { organization, ...row } = await read(organizationId);
      const { account } = resetIfDue(accountOf(row), rules, Date.now());
      return { ...row, ...account, resets_at: new Date(account.resets_at), plan: organization.plan };
    },
    /** Whether a workflow could start now, and what would pay for it. Nothing is reserved. */
    canStart: async (organizationId: string) => {
      const { organization, ...row } = await read(organizationId);
      const owed = await core.read((db) => owedBy(db, row));
      const answer = reserve(accountOf(row), organization.plan, rules, Date.now(), owed);
      return 'denied' in answer
        ? { can_execute: false, reason: answer.denied.reason, message: answer.denied.message }
        : { can_execute: true, reason: answer.reservation.source, message: null };
    },

    /** Adds paid credit. `key` names the payment: it counts once. */
    addCredit: (organizationId: string, cents: number, key: string) =>
      core.change((tx, emit) => enterCredit(tx, emit, organizationId, { cents, key })),

    ledger: (organizationId: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.ledgerEntry.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId }, query.where] },
          }),
        ),
      ),
    usage: (organizationId: string, filter: { billed?: boolean }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.usageRecord.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
          }),
        ),
      ),
    /** Its people are alerted. */
    tellDifference: ({ organization_id, ...sums }: Difference) =>
      core.change(async (_tx, emit) =>
        emit({
          ...{ type: 'billing.difference_found', organization_id, project_id: null, data: sums },
          entity: { kind: 'organization', id: organization_id },
        }),
      ),
    /** Organizations whose ledger does not add up to their balance: there are none, unless rows were changed by hand. */
    differences: () =>
      core.read(
        (db) => db.$queryRaw<Difference[]>`
          SELECT a.organization_id, a.credit_cents, coalesce(sum(e.credit_cents), 0)::int AS entered_cents
          FROM billing_accounts a
          LEFT JOIN ledger_entries e ON e.organization_id = a.organization_id
          GROUP BY a.organization_id
          HAVING a.credit_cents <> coalesce(sum(e.credit_cents), 0)
            OR a.free_workflows <> coalesce(sum(e.free_workflows), 0)
            OR a.used_workflows <> coalesce(sum(e.used_workflows), 0)`,
      ),
  };
}
