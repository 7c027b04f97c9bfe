import { sealSlack } from '#activities/ports/slack.ts';
import type { Notification } from '#prisma/store/notices.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { dueAt } from '#workflows/domain/notifications/due.ts';
import type { NoticeKind, NoticeSettings, Severity } from '#workflows/domain/notifications/kinds.ts';
import type * as contracts from '../contracts/notifications.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requireSignIn } from './account.ts';
import { at, iso, toPageView } from './views.ts';

async function shown({ services, actor }: Call, settings: NoticeSettings) {
  const { notices } = services.store;
  const [slack, people] = await Promise.all([notices.slackOf(actor.user_id), notices.slackPeopleOf(actor.user_id)]);
  return {
    ...settings,
    slack: {
      ...{ connected: slack !== null, host: slack?.label ?? null },
      buttons: services.config.notifications.slack_signing_secret !== undefined,
      people: people.map(({ team_id, name }) => ({ team_id, name })),
    },
    mail_delivers: services.mail.delivers,
  };
}

export const notificationSettings = async (call: Call) =>
  shown(call, await call.services.store.notices.settings(call.actor.user_id));

export async function changeNotificationSettings(
  call: Call,
  changes: Body<typeof contracts.changeNotificationSettings>,
) {
  requireSignIn(call);
  return shown(call, await call.services.store.notices.change(call.actor.user_id, changes));
}

export async function connectSlack(call: Call, { webhook_url: url }: Body<typeof contracts.connectSlack>) {
  requireSignIn(call);
  const { services, actor } = call;
  const { hostname: host } = new URL(url);
  const hosts = services.config.notifications.slack_hosts;
  if (!hosts.includes(host))
    throw new AppError(
      'invalid_body',
      `webhook_url: must be the address of an incoming webhook at ${hosts.join(' or ')}.`,
      [{ field: 'webhook_url', message: `must be at ${hosts.join(' or ')}` }],
    );
  await services.outgoing.check(url);
  await services.store.notices.connectSlack(
    actor.user_id,
    sealSlack(services, actor.user_id, call.newId('slack'), url),
  );
  return notificationSettings(call);
}

export async function disconnectSlack(call: Call) {
  requireSignIn(call);
  await call.services.store.notices.disconnectSlack(call.actor.user_id);
  return notificationSettings(call);
}

const toView = (settings: NoticeSettings) => (row: Notification) => {
  const severity = row.severity as Severity;
  const waits = row.mail_state === 'waiting' || row.slack_state === 'waiting';
  const due = waits ? dueAt({ severity, created_at: row.created_at }, settings) : null;
  return {
    id: row.id,
    kind: row.kind as NoticeKind,
    severity,
    subject: row.subject,
    text: row.text,
    link: row.link,
    project_id: row.project_id,
    read: row.read_at !== null,
    mail: row.mail_state as 'waiting' | 'sent' | 'skipped' | null,
    slack: row.slack_state as 'waiting' | 'sending' | 'sent' | 'failed' | 'skipped' | null,
    send_at: due && due.getTime() > Date.now() ? iso(due) : null,
    send_error: row.send_error,
    created_at: at(row.created_at),
  };
};

export async function listNotifications(
  { services, organization_id, actor }: Call,
  { unread, ...page }: Query<typeof contracts.listNotifications>,
) {
  const { notices } = services.store;
  const [rows, settings, count] = await Promise.all([
    notices.list(actor.user_id, organization_id, unread === 'true', page),
    notices.settings(actor.user_id),
    notices.unread(actor.user_id, organization_id),
  ]);
  return { ...toPageView(rows, toView(settings)), unread: count };
}

export async function readNotifications(
  { services, organization_id, actor }: Call,
  { ids }: Body<typeof contracts.readNotifications>,
) {
  const { notices } = services.store;
  const read = await notices.markRead(actor.user_id, organization_id, ids);
  return { read, unread: await notices.unread(actor.user_id, organization_id) };
}
