import { z } from 'zod';
import { contract, isoTime } from './contract.ts';
import { notificationAnswer } from './notifications.ts';

export const slackInteraction = contract({
  method: 'post',
  path: '/slack/interactions',
  tag: 'notifications',
  summary: 'Take a pressed button of a message at Slack, which Slack has signed',
  auth: 'none',
  scope: 'none',
  raw_body: true,
  response: z.object({ received: z.literal(true) }),
  failures: [400, 401],
});

export const createSlackCode = contract({
  method: 'post',
  path: '/notifications/slack/code',
  tag: 'notifications',
  summary: 'A code that the caller writes at Slack, after which buttons that they press there act in their name',
  auth: 'user',
  scope: 'none',
  status: 201,
  shown_once: ['code'],
  /** It works once. `code` is null in the answer to a repeated request. */
  response: z.object({ code: z.string().nullable(), expires_at: isoTime }),
  failures: [400],
});

export const unlinkSlack = contract({
  method: 'delete',
  path: '/notifications/slack/people',
  tag: 'notifications',
  summary: 'No user at Slack acts in the name of the caller any more',
  auth: 'user',
  scope: 'none',
  response: notificationAnswer,
});
