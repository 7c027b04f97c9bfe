import { z } from 'zod';
import { channels, digests, noticeKinds, severities } from '#workflows/domain/notifications/kinds.ts';
import { contract, isoTime, listOf, pageQuery, uuid } from './contract.ts';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:00');
const isZone = (zone: string) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
const timeZone = z.string().max(64).refine(isZone, 'must be a time zone such as Europe/Berlin or UTC');

const choices = z.object(
  Object.fromEntries(channels.map((channel) => [channel, z.boolean()])) as Record<
    (typeof channels)[number],
    z.ZodBoolean
  >,
);
const settings = z.object({
  grid: z.object(
    Object.fromEntries(noticeKinds.map((kind) => [kind, choices])) as Record<
      (typeof noticeKinds)[number],
      typeof choices
    >,
  ),
  digest: z.enum(digests),
  quiet_from: clock,
  quiet_until: clock,
  time_zone: timeZone,
  /** own: work that the person started. all: all work of their organizations. */
  work: z.enum(['own', 'all']),
});
export const notificationAnswer = settings.extend({
  slack: z.object({
    connected: z.boolean(),
    host: z.string().nullable(),
    /** Whether messages have buttons: the operator has set the signing secret. */
    buttons: z.boolean(),
    /** The users at Slack who act in the name of the caller. */
    people: z.array(z.object({ team_id: z.string(), name: z.string() })),
  }),
  /** Whether mails leave this installation. */
  mail_delivers: z.boolean(),
});

export const notificationSettings = contract({
  method: 'get',
  path: '/notifications/settings',
  tag: 'notifications',
  summary: 'How the caller is told of what',
  auth: 'user',
  scope: 'none',
  response: notificationAnswer,
});

export const changeNotificationSettings = contract({
  method: 'patch',
  path: '/notifications/settings',
  tag: 'notifications',
  summary: 'Change how the caller is told; what is left out stays',
  auth: 'user',
  scope: 'none',
  body: z.strictObject({
    grid: z
      .strictObject(
        Object.fromEntries(
          noticeKinds.map((kind) => [kind, z.strictObject(choices.partial().shape).optional()]),
        ) as Record<(typeof noticeKinds)[number], z.ZodOptional<ReturnType<typeof choices.partial>>>,
      )
      .optional(),
    digest: z.enum(digests).optional(),
    quiet_from: clock.optional(),
    quiet_until: clock.optional(),
    time_zone: timeZone.optional(),
    work: z.enum(['own', 'all']).optional(),
  }),
  response: notificationAnswer,
});

export const connectSlack = contract({
  method: 'put',
  path: '/notifications/slack',
  tag: 'notifications',
  summary: 'Send messages to a channel at Slack, by the address of an incoming webhook; it is stored encrypted',
  auth: 'user',
  scope: 'none',
  body: z.strictObject({ webhook_url: z.url().max(500) }),
  response: notificationAnswer,
});

export const disconnectSlack = contract({
  method: 'delete',
  path: '/notifications/slack',
  tag: 'notifications',
  summary: 'Send nothing to Slack any more, and forget its address',
  auth: 'user',
  scope: 'none',
  response: notificationAnswer,
});

const notificationSchema = z.object({
  id: uuid,
  kind: z.enum(noticeKinds),
  severity: z.enum(severities),
  /** What the work is called. */
  subject: z.string().nullable(),
  text: z.string(),
  /** Path of its page. */
  link: z.string(),
  project_id: z.string().nullable(),
  read: z.boolean(),
  /** How it is sent by mail and to Slack; null: it is not. */
  mail: z.enum(['waiting', 'sent', 'skipped']).nullable(),
  slack: z.enum(['waiting', 'sending', 'sent', 'failed', 'skipped']).nullable(),
  /** When it is sent, while it waits; null: at once, or never. */
  send_at: isoTime.nullable(),
  /** Why it could not be sent. */
  send_error: z.string().nullable(),
  created_at: isoTime,
});

export const listNotifications = contract({
  method: 'get',
  path: '/notifications',
  tag: 'notifications',
  summary: 'What the caller was told of in an organization, the newest first',
  auth: 'project:read',
  personal: true,
  scope: 'own',
  query: pageQuery.extend({ unread: z.enum(['true', 'false']).default('false') }),
  response: listOf(notificationSchema).extend({ unread: z.number().int() }),
});

export const readNotifications = contract({
  method: 'post',
  path: '/notifications/read',
  tag: 'notifications',
  summary: 'Mark notifications as read: those named, or all of the organization',
  auth: 'project:read',
  scope: 'own',
  body: z.strictObject({ ids: z.array(uuid).min(1).max(500).optional() }).prefault({}),
  response: z.object({ read: z.number().int(), unread: z.number().int() }),
});
