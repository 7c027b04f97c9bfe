import { AppError, notFound } from '#workflows/domain/errors.ts';
import {
  defaultAlertRules,
  rulesInForce,
  type AlertMetric,
  type AlertRule,
  type AlertSeverity,
} from '#workflows/domain/watch/alerts.ts';
import type { Alert } from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { pageOf, type PageQuery } from './page.ts';
import { channelAnswered, resolve, ruleRow, tell } from './raise-alerts.ts';

export type { Alert, AlertEndpoint } from '../generated/client.ts';

export interface AlertFilter {
  severity?: AlertSeverity;
  state?: 'open' | 'acknowledged' | 'resolved';
  project_id?: string;
}

const states = {
  open: { open_key: { not: null }, acknowledged_at: null },
  acknowledged: { open_key: { not: null }, acknowledged_at: { not: null } },
  resolved: { open_key: null },
};

async function alertIn(tx: Transaction, organizationId: string, id: string): Promise<Alert> {
  const alert = await tx.alert.findFirst({ where: { id, organization_id: organizationId } });
  if (!alert) throw notFound('alert');
  return alert;
}

/** Alerts, their rules, and the addresses that take them (WATCH-14). Alerts are raised with the events that call for them. */
export function alertsStore(core: StoreCore) {
  const endpoint = async (organizationId: string, id: string) => {
    const row = await core.read((db) =>
      db.alertEndpoint.findFirst({ where: { id, organization_id: organizationId }, include: { credential: true } }),
    );
    if (!row) throw notFound('endpoint');
    return row;
  };
  return {
    /** The newest first. */
    list: (organizationId: string, { state, ...filter }: AlertFilter, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.alert.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, state ? states[state] : {}, query.where] },
          }),
        ),
      ),
    /** Whether a project has an open alert on a metric. */
    isOpen: (projectId: string, metric: AlertMetric) =>
      core.read(
        async (db) => (await db.alert.count({ where: { project_id: projectId, metric, open_key: { not: null } } })) > 0,
      ),
    get: (organizationId: string, id: string) => core.read((db) => alertIn(db, organizationId, id)),
    /** Somebody looks after it: it is not told again. A repeated call changes nothing. @throws conflict when it has ended. */
    acknowledge: (organizationId: string, id: string, by: string) =>
      core.change(async (tx, emit) => {
        const alert = await alertIn(tx, organizationId, id);
        if (alert.resolved_at) throw new AppError('conflict', 'The alert has ended: there is nothing to acknowledge.');
        if (alert.acknowledged_at) return alert;
        const row = await tx.alert.update({
          where: { id },
          data: { acknowledged_at: new Date(), acknowledged_by: by },
        });
        await tell(tx, emit, 'alert.acknowledged', row, by);
        return row;
      }),
    /** A repeated call changes nothing. It is raised again when its rule holds again. */
    resolve: (organizationId: string, id: string, by: string) =>
      core.change(async (tx, emit) => {
        await alertIn(tx, organizationId, id);
        await resolve(tx, emit, { organization_id: organizationId, id }, by);
        return alertIn(tx, organizationId, id);
      }),

    /** The rules in force, by name, with who changed those that are not the defaults. */
    rules: (organizationId: string) =>
      core.read(async (db) => {
        const own = (await db.alertRule.findMany({ where: { organization_id: organizationId } })).map(ruleRow);
        return rulesInForce(own).map((rule) => ({
          ...{ updated_at: null, updated_by: null },
          ...rule,
          is_default: defaultAlertRules.includes(rule),
        }));
      }),
    /** Stores a rule. What it no longer calls for ends. */
    setRule: (organizationId: string, { name, ...rule }: AlertRule, by: string) =>
      core.change(async (tx, emit) => {
        const fields = { ...rule, updated_by: by, updated_at: new Date() };
        const where = { organization_id_name: { organization_id: organizationId, name } };
        const before = await tx.alertRule.findUnique({ where });
        const create = { organization_id: organizationId, name, ...fields };
        await tx.alertRule.upsert({ where, create, update: fields });
        const metric = before?.metric ?? defaultAlertRules.find((one) => one.name === name)?.metric;
        if (!rule.enabled || (metric && metric !== rule.metric))
          await resolve(tx, emit, { organization_id: organizationId, rule: name }, by);
      }),
    /** Removes a rule of the organization: what it replaced is in force again. Alerts of a rule that is gone end. */
    removeRule: (organizationId: string, name: string, by: string) =>
      core.change(async (tx, emit) => {
        const { count } = await tx.alertRule.deleteMany({ where: { organization_id: organizationId, name } });
        const isDefault = defaultAlertRules.some((rule) => rule.name === name);
        if (count === 0)
          throw isDefault
            ? new AppError('conflict', `${name} is as it was made. To switch it off, store it with enabled: false.`)
            : notFound('rule');
        if (!isDefault) await resolve(tx, emit, { organization_id: organizationId, rule: name }, by);
      }),

    endpoints: (organizationId: string) =>
      core.read((db) =>
        db.alertEndpoint.findMany({ where: { organization_id: organizationId }, orderBy: { created_at: 'asc' } }),
      ),
    endpoint,
    /** A repeated call with the same id replaces the secret, which is shown anew. */
    addEndpoint: (
      input: { id: string; organization_id: string; url: string; name: string },
      secret: { key_id: string; sealed: string },
      by: { user_id: string; email: string },
    ) =>
      core.change(async (tx) => {
        const { id, organization_id, name: label } = input;
        const credential = { organization_id, kind: 'alerts', label, created_by: by.user_id };
        await tx.credential.upsert({ where: { id }, create: { id, ...credential, ...secret }, update: secret });
        return tx.alertEndpoint.upsert({ where: { id }, create: { ...input, created_by: by.email }, update: {} });
      }),
    /** With its messages, also those that wait. What was told of it ends. */
    removeEndpoint: (organizationId: string, id: string) =>
      core.change(async (tx, emit) => {
        const { count } = await tx.credential.deleteMany({
          where: { id, organization_id: organizationId, alert_endpoint: { isNot: null } },
        });
        if (count === 0) throw notFound('endpoint');
        emit(channelAnswered(organizationId, { channel: 'webhook', channel_id: id, name: 'It' }, null));
      }),
    deliveries: (organizationId: string, endpointId: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.alertDelivery.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, endpoint_id: endpointId }, query.where] },
          }),
        ),
      ),
    /** A message to an endpoint alone, which a person asks for to try it. */
    tryEndpoint: (organizationId: string, endpointId: string, body: string) =>
      core.change((tx) =>
        tx.alertDelivery.create({ data: { organization_id: organizationId, endpoint_id: endpointId, body } }),
      ),

    /** Ids of the messages that wait to be sent, the oldest first. */
    waiting: (organizationId: string) =>
      core.read(async (db) => {
        const rows = await db.alertDelivery.findMany({
          where: { organization_id: organizationId, state: 'waiting' },
          select: { id: true },
          orderBy: { created_at: 'asc' },
          take: 500,
        });
        return rows.map(({ id }) => id);
      }),
    /** Organizations with a message that waits since before a time. */
    organizationsWaiting: (before: Date) =>
      core.read(async (db) => {
        const rows = await db.alertDelivery.findMany({
          where: { state: 'waiting', created_at: { lt: before } },
          distinct: ['organization_id'],
          select: { organization_id: true },
        });
        return rows.map((row) => row.organization_id);
      }),
    /** A message with its address; null when its endpoint is gone. */
    delivery: (id: string) =>
      core.read((db) =>
        db.alertDelivery.findUnique({ where: { id }, include: { endpoint: { include: { credential: true } } } }),
      ),
    /** The end of a message. An endpoint that takes nothing any more is an alert on the other channels. */
    endDelivery: (id: string, error: string | null) =>
      core.change(async (tx, emit) => {
        const now = new Date();
        const { count } = await tx.alertDelivery.updateMany({
          where: { id, state: 'waiting' },
          data: { state: error === null ? 'sent' : 'failed', error, ended_at: now },
        });
        const row = await tx.alertDelivery.findUnique({ where: { id }, include: { endpoint: true } });
        if (!row || count === 0) return;
        const { endpoint: to } = row;
        await tx.alertEndpoint.update({
          where: { id: to.id },
          data:
            error === null
              ? { failing_since: null, last_error: null, last_sent_at: now }
              : { failing_since: to.failing_since ?? now, last_error: error },
        });
        if (error !== null || to.failing_since)
          emit(channelAnswered(row.organization_id, { channel: 'webhook', channel_id: to.id, name: to.name }, error));
      }),
  };
}
