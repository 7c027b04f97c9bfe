import {
  defaultGrid,
  defaultSettings,
  type Channel,
  type Digest,
  type NoticeKind,
  type NoticeSettings,
} from '#workflows/domain/notifications/kinds.ts';
import { labelsKey } from '#workflows/domain/watch/alerts.ts';
import type { Notification, NotificationSettings } from '../generated/client.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { channelAnswered } from './raise-alerts.ts';
import type { MailFields } from './mails.ts';

export type { Notification } from '../generated/client.ts';

type Changes = Partial<Record<NoticeKind, Partial<Record<Channel, boolean>>>>;

/** What leaves the installation. Pages need no sending. */
export type SentBy = 'mail' | 'slack';
const waitsFor = (channel: SentBy) => (channel === 'mail' ? { mail_state: 'waiting' } : { slack_state: 'waiting' });

/** What is stored of a person's choices: what differs from the defaults, which may change. */
function toSettings(row: NotificationSettings | null): NoticeSettings {
  if (!row) return defaultSettings;
  const changes = row.grid as Changes;
  const grid = Object.fromEntries(
    Object.entries(defaultGrid).map(([kind, usual]) => [kind, { ...usual, ...changes[kind as NoticeKind] }]),
  ) as NoticeSettings['grid'];
  const { digest, quiet_from, quiet_until, time_zone, work } = row;
  return { grid, digest: digest as Digest, quiet_from, quiet_until, time_zone, work: work as 'own' | 'all' };
}

async function slackAnswered(
  tx: Transaction,
  emit: Emit,
  { organization_id, user_id }: Pick<Notification, 'organization_id' | 'user_id'>,
  error: string | null,
) {
  const channel = { channel: 'slack', channel_id: user_id };
  const isOut = await tx.alert.count({
    where: { organization_id, open_key: { not: null }, labels_key: labelsKey(channel) },
  });
  if (error === null && isOut === 0) return;
  const user = await tx.user.findUnique({ where: { id: user_id }, select: { email: true } });
  emit(channelAnswered(organization_id, { ...channel, name: `Slack of ${user?.email ?? user_id}` }, error));
}

/** How people are told, and what (CONF-05). The notices themselves are made with their events. */
export function noticesStore(core: StoreCore) {
  return {
    settings: (userId: string) =>
      core.read(async (db) => toSettings(await db.notificationSettings.findUnique({ where: { user_id: userId } }))),
    /** Changes what is given. Of two changes at once both stay, unless they are of the same choice. */
    change: (userId: string, { grid, ...rest }: Partial<Omit<NoticeSettings, 'grid'>> & { grid?: Changes }) =>
      core.change(async (tx) => {
        const where = { user_id: userId };
        const row = await tx.notificationSettings.upsert({ where, create: where, update: { updated_at: new Date() } });
        const next: Changes = { ...(row.grid as Changes) };
        for (const [kind, choices] of Object.entries(grid ?? {}))
          next[kind as NoticeKind] = { ...next[kind as NoticeKind], ...choices };
        return toSettings(await tx.notificationSettings.update({ where, data: { ...rest, grid: next } }));
      }),

    /** The newest first. */
    list: (userId: string, organizationId: string, unread: boolean, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.notification.findMany({
            ...query,
            where: {
              AND: [
                { user_id: userId, organization_id: organizationId, in_app: true },
                unread ? { read_at: null } : {},
                query.where,
              ],
            },
          }),
        ),
      ),
    unread: (userId: string, organizationId: string) =>
      core.read((db) =>
        db.notification.count({
          where: { user_id: userId, organization_id: organizationId, in_app: true, read_at: null },
        }),
      ),
    /** @param ids undefined: all. */
    markRead: (userId: string, organizationId: string, ids: string[] | undefined) =>
      core.change(async (tx) => {
        const { count } = await tx.notification.updateMany({
          where: {
            user_id: userId,
            organization_id: organizationId,
            read_at: null,
            ...(ids === undefined ? {} : { id: { in: ids } }),
          },
          data: { read_at: new Date() },
        });
        return count;
      }),

    /** Whom something waits to be sent to. */
    peopleWaiting: (organizationId: string, channel: SentBy) =>
      core.read(async (db) => {
        const rows = await db.notification.findMany({
          where: { organization_id: organizationId, ...waitsFor(channel) },
          distinct: ['user_id'],
          select: { user_id: true },
        });
        return rows.map((row) => row.user_id);
      }),
    /** What waits to be sent to a person: what is critical, then the oldest. */
    waiting: (organizationId: string, channel: SentBy, { user_id, limit }: { user_id: string; limit: number }) =>
      core.read((db) =>
        db.notification.findMany({
          where: { organization_id: organizationId, user_id, ...waitsFor(channel) },
          // By the alphabet, critical comes first.
          orderBy: [{ severity: 'asc' }, { created_at: 'asc' }, { id: 'asc' }],
          take: limit,
        }),
      ),
    /** Organizations in which some wait to be sent that were made before a time. */
    organizationsWaiting: (before: Date) =>
      core.read(async (db) => {
        const rows = await db.notification.findMany({
          where: {
            OR: [{ mail_state: 'waiting' }, { slack_state: { in: ['waiting', 'sending'] } }],
            created_at: { lt: before },
          },
          distinct: ['organization_id'],
          select: { organization_id: true },
        });
        return rows.map((row) => row.organization_id);
      }),
    /** Stores the mail that tells them, and marks them with it: they are in no other mail. */
    mail: (ids: string[], mail: MailFields) =>
      core.change(async (tx) => {
        const { count } = await tx.notification.updateMany({
          where: { id: { in: ids }, mail_state: 'waiting' },
          data: { mail_state: 'sent' },
        });
        if (count > 0) await tx.mail.create({ data: mail });
      }),
    /** Marks that a message to Slack goes out now. @returns those that nobody else is sending. */
    beginSlack: (ids: string[]) =>
      core.change(async (tx) => {
        const rows = await tx.notification.updateManyAndReturn({
          where: { id: { in: ids }, slack_state: 'waiting' },
          data: { slack_state: 'sending' },
          select: { id: true },
        });
        return rows.map(({ id }) => id);
      }),
    /** @param error why Slack did not take it; a person's Slack that takes nothing is an alert on the other channels. */
    endSlack: (ids: string[], state: 'sent' | 'failed' | 'waiting', error: string | null) =>
      core.change(async (tx, emit) => {
        const [row] = await tx.notification.updateManyAndReturn({
          where: { id: { in: ids }, slack_state: 'sending' },
          data: { slack_state: state, send_error: error },
        });
        if (row && state !== 'waiting') await slackAnswered(tx, emit, row, error);
      }),
    /** A process that died while it sent may have sent: they are not sent again. */
    giveUpSlack: (organizationId: string, error: string) =>
      core.change(
        async (tx) =>
          void (await tx.notification.updateMany({
            where: { organization_id: organizationId, slack_state: 'sending' },
            data: { slack_state: 'failed', send_error: error },
          })),
      ),
    skip: (ids: string[], channel: SentBy) =>
      core.change(
        async (tx) =>
          void (await tx.notification.updateMany({
            where: {
              id: { in: ids },
              ...waitsFor(channel),
            },
            data: channel === 'mail' ? { mail_state: 'skipped' } : { slack_state: 'skipped' },
          })),
      ),

    /** Until when a person does not want to see items of the inbox. */
    snoozes: (userId: string, organizationId: string) =>
      core.read(async (db) => {
        const where = { user_id: userId, organization_id: organizationId, until: { gt: new Date() } };
        return new Map((await db.inboxSnooze.findMany({ where })).map(({ item_id, until }) => [item_id, until]));
      }),
    /** @param until null: the item is shown again. */
    snooze: (userId: string, organizationId: string, itemId: string, until: Date | null) =>
      core.change(async (tx) => {
        const key = { user_id: userId, organization_id: organizationId, item_id: itemId };
        if (until)
          await tx.inboxSnooze.upsert({
            where: { user_id_organization_id_item_id: key },
            create: { ...key, until },
            update: { until },
          });
        else await tx.inboxSnooze.deleteMany({ where: key });
      }),

    /** The address at Slack that takes a person's messages, encrypted. */
    slackOf: (userId: string) =>
      core.read((db) => db.credential.findFirst({ where: { user_id: userId, kind: 'slack' } })),
    connectSlack: (userId: string, credential: { id: string; label: string; key_id: string; sealed: string }) =>
      core.change(async (tx) => {
        await tx.credential.deleteMany({ where: { user_id: userId, kind: 'slack' } });
        await tx.credential.create({ data: { ...credential, kind: 'slack', user_id: userId, created_by: userId } });
      }),
    disconnectSlack: (userId: string) =>
      core.change(async (tx) => void (await tx.credential.deleteMany({ where: { user_id: userId, kind: 'slack' } }))),
  };
}
