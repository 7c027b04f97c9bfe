import {
  holds,
  labelsKey,
  measurementsOf,
  rulesInForce,
  type AlertChannel,
  type AlertRule,
  type Measurement,
} from '#workflows/domain/watch/alerts.ts';
import type { Alert, AlertRule as AlertRuleRow } from '../generated/client.ts';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Emit, Transaction } from './core.ts';

const platform = 'platform';
const webhook: AlertChannel = 'webhook';

export const ruleRow = ({ organization_id: _, updated_at, updated_by, ...row }: AlertRuleRow) => ({
  ...(row as AlertRule),
  updated_at,
  updated_by,
});

/** Stores the messages of an alert to the endpoints that it is told to. */
async function deliver(tx: Transaction, type: string, alert: Alert): Promise<void> {
  const labels = alert.labels as Record<string, string>;
  const endpoints = await tx.alertEndpoint.findMany({
    where: { organization_id: alert.organization_id, enabled: true, id: { not: labels.channel_id ?? undefined } },
  });
  const { open_key: _, labels_key: __, ...data } = alert;
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  await tx.alertDelivery.createMany({
    data: endpoints.map(({ id }) => ({ organization_id: alert.organization_id, endpoint_id: id, body })),
  });
}

/** Whether the event has stored messages to endpoints, which wait to be sent. */
export const hasMessages = ({ type, data }: NewEvent): boolean =>
  (type === 'alert.triggered' || type === 'alert.acknowledged' || type === 'alert.resolved') &&
  data.routing.includes(webhook);

/** Emits what happened to an alert, and stores its messages to endpoints. */
export async function tell(
  tx: Transaction,
  emit: Emit,
  type: 'alert.triggered' | 'alert.acknowledged' | 'alert.resolved',
  alert: Alert,
  by = platform,
): Promise<void> {
  const { organization_id, project_id, id } = alert;
  const { rule, metric, severity, message, current_value, threshold, routing, link } = alert;
  const labels = alert.labels as Record<string, string>;
  emit({
    ...{ type, organization_id, project_id, entity: { kind: 'alert', id } },
    data: { alert_id: id, rule, metric, severity, message, current_value, threshold, routing, link, labels, by },
  });
  if (routing.includes(webhook)) await deliver(tx, type, alert);
}

/** Something is so that a rule names: a new alert, or one more measurement of the alert that there is. */
async function fire(
  tx: Transaction,
  emit: Emit,
  organization_id: string,
  rule: AlertRule,
  { metric, value, labels, ...about }: Measurement,
): Promise<void> {
  const labels_key = labelsKey(labels);
  const open_key = `${organization_id} ${rule.name} ${labels_key}`;
  const now = new Date();
  const last = await tx.alert.findFirst({
    where: { organization_id, rule: rule.name, labels_key },
    orderBy: [{ created_at: 'desc' }, { id: 'desc' }],
  });
  const isDue = !last || now.getTime() - last.told_at.getTime() >= rule.deduplication_window * 1000;
  if (!last || (last.resolved_at && isDue)) {
    const { severity, routing, threshold } = rule;
    const alert = await tx.alert.create({
      data: {
        ...{ organization_id, rule: rule.name, metric, severity, routing, threshold, current_value: value },
        ...{ labels, labels_key, open_key, ...about },
      },
    });
    await tell(tx, emit, 'alert.triggered', alert);
    return;
  }
  // One that comes back within the window is the same one, which has been told. What a person has seen is not told again.
  const again = isDue && !last.acknowledged_at;
  const alert = await tx.alert.update({
    where: { id: last.id },
    data: {
      ...{ current_value: value, message: about.message, seen_at: now, count: { increment: 1 } },
      ...{ open_key, resolved_at: null, resolved_by: null },
      ...(again ? { told_at: now } : {}),
    },
  });
  if (again) await tell(tx, emit, 'alert.triggered', alert);
}

/** Ends open alerts. */
export async function resolve(
  tx: Transaction,
  emit: Emit,
  where: { organization_id: string; rule?: string; labels_key?: string; id?: string },
  by = platform,
): Promise<void> {
  const open = await tx.alert.updateManyAndReturn({
    where: { ...where, open_key: { not: null } },
    data: { open_key: null, resolved_at: new Date(), resolved_by: by },
  });
  for (const alert of open) await tell(tx, emit, 'alert.resolved', alert, by);
}

/**
 * Raises and ends the alerts that events call for, by the rules of their organization, in the transaction that stores
 * the events.
 */
export async function raiseAlerts(tx: Transaction, events: readonly NewEvent[], emit: Emit): Promise<void> {
  const measured = events.flatMap((event) =>
    measurementsOf(event).map((measurement) => ({ organization_id: event.organization_id, measurement })),
  );
  for (const organization_id of new Set(measured.map((one) => one.organization_id))) {
    const rows = await tx.alertRule.findMany({ where: { organization_id } });
    const rules = rulesInForce(rows.map(ruleRow)).filter(({ enabled }) => enabled);
    for (const { measurement } of measured.filter((one) => one.organization_id === organization_id))
      for (const rule of rules.filter(({ metric }) => metric === measurement.metric)) {
        const of = { organization_id, rule: rule.name, labels_key: labelsKey(measurement.labels) };
        if (holds(rule, measurement.value)) await fire(tx, emit, organization_id, rule, measurement);
        else await resolve(tx, emit, of);
      }
  }
}

/** What a channel's answer says of it. @param error why it took nothing; null: it took a message, or is gone. */
export function channelAnswered(
  organization_id: string,
  data: { channel: string; channel_id: string; name: string },
  error: string | null,
): NewEvent {
  const about = { organization_id, project_id: null, entity: { kind: 'organization', id: organization_id } };
  return error === null
    ? { ...about, type: 'alert.channel.recovered', data }
    : { ...about, type: 'alert.channel.failed', data: { ...data, error } };
}
