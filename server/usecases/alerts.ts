import { randomBytes } from 'node:crypto';
import { keyContext } from '#activities/ports/secrets.ts';
import type { Alert, AlertEndpoint } from '#prisma/store/alerts.ts';
import { alertMetrics, type AlertChannel, type AlertSeverity } from '#workflows/domain/watch/alerts.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/alerts.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at, iso, toPageView } from './views.ts';

/** Most addresses of an organization. */
const mostEndpoints = 20;

function toAlertView({ organization_id: _own, labels_key: _labels, open_key, ...alert }: Alert) {
  const state = open_key === null ? 'resolved' : alert.acknowledged_at ? 'acknowledged' : 'open';
  return {
    ...alert,
    state: state as 'open' | 'acknowledged' | 'resolved',
    severity: alert.severity as AlertSeverity,
    routing: alert.routing as AlertChannel[],
    labels: alert.labels as Record<string, string>,
    created_at: at(alert.created_at),
    seen_at: at(alert.seen_at),
    told_at: at(alert.told_at),
    acknowledged_at: iso(alert.acknowledged_at),
    resolved_at: iso(alert.resolved_at),
  };
}

export const listAlerts = async (
  { services, organization_id }: Call,
  { severity, state, project_id, ...page }: Query<typeof contracts.listAlerts>,
) => toPageView(await services.store.alerts.list(organization_id, { severity, state, project_id }, page), toAlertView);

export const getAlert = async ({ services, organization_id }: Call, id: string) =>
  toAlertView(await services.store.alerts.get(organization_id, id));

export const acknowledgeAlert = async ({ services, organization_id, actor }: Call, id: string) =>
  toAlertView(await services.store.alerts.acknowledge(organization_id, id, actor.email));

export const resolveAlert = async ({ services, organization_id, actor }: Call, id: string) =>
  toAlertView(await services.store.alerts.resolve(organization_id, id, actor.email));

export async function listAlertRules({ services, organization_id }: Call) {
  const items = await services.store.alerts.rules(organization_id);
  return { items: items.map((rule) => ({ ...rule, updated_at: iso(rule.updated_at) })), metrics: alertMetrics };
}

export async function setAlertRule(call: Call, name: string, rule: Body<typeof contracts.setAlertRule>) {
  const { services, organization_id, actor } = call;
  const routing = [...new Set(rule.routing)];
  await services.store.alerts.setRule(organization_id, { ...rule, routing, name }, actor.email);
  return listAlertRules(call);
}

export async function removeAlertRule(call: Call, name: string) {
  await call.services.store.alerts.removeRule(call.organization_id, name, call.actor.email);
  return listAlertRules(call);
}

const toEndpointView = ({ organization_id: _own, enabled: _all, ...endpoint }: AlertEndpoint) => ({
  ...endpoint,
  failing_since: iso(endpoint.failing_since),
  last_sent_at: iso(endpoint.last_sent_at),
  created_at: at(endpoint.created_at),
});

export const listAlertEndpoints = async ({ services, organization_id }: Call) => ({
  items: (await services.store.alerts.endpoints(organization_id)).map(toEndpointView),
});

export async function addAlertEndpoint(call: Call, { name, url }: Body<typeof contracts.addAlertEndpoint>) {
  const { services, organization_id, actor } = call;
  await services.outgoing.check(url);
  const { alerts } = services.store;
  if ((await alerts.endpoints(organization_id)).length >= mostEndpoints)
    throw new AppError('conflict', `There are ${mostEndpoints} addresses already. Remove one first.`);
  const id = call.newId('alert_endpoint');
  // 24 random bytes in base64, as Standard Webhooks writes a secret.
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const sealed = services.secrets.seal(secret, keyContext({ id, organization_id, user_id: null }));
  const row = await alerts.addEndpoint({ id, organization_id, name, url }, sealed, actor);
  return { ...toEndpointView(row), secret };
}

export const removeAlertEndpoint = async ({ services, organization_id }: Call, id: string): Promise<undefined> => {
  await services.store.alerts.removeEndpoint(organization_id, id);
};

export async function tryAlertEndpoint({ services, organization_id, actor }: Call, id: string) {
  const { name } = await services.store.alerts.endpoint(organization_id, id);
  const message = {
    type: 'ping',
    timestamp: new Date().toISOString(),
    data: { endpoint: name, by: actor.email },
  };
  const delivery = await services.store.alerts.tryEndpoint(organization_id, id, JSON.stringify(message));
  await services.workflows.startAlertDelivery(delivery.id);
  return { delivery_id: delivery.id };
}

export const listAlertDeliveries = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.listAlertDeliveries>,
) =>
  toPageView(await services.store.alerts.deliveries(organization_id, id, page), (row) => ({
    id: row.id,
    state: row.state as 'waiting' | 'sent' | 'failed',
    error: row.error,
    created_at: at(row.created_at),
    ended_at: iso(row.ended_at),
  }));
