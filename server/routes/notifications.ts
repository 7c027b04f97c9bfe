import * as contracts from '../contracts/notifications.ts';
import * as inbox from '../contracts/inbox.ts';
import * as slack from '../contracts/slack.ts';
import { route } from '../http/define-route.ts';
import { requireSlackSignature } from '../http/slack-signature.ts';
import { answerItem, listInbox, snoozeItem } from '../usecases/inbox.ts';
import * as usecases from '../usecases/notifications.ts';
import * as buttons from '../usecases/slack-buttons.ts';

export const notificationRoutes = [
  route(inbox.listInbox, ({ query }, call) => listInbox(call, query)),
  route(inbox.answerItem, ({ params, body }, call) => answerItem(call, params.id, body)),
  route(inbox.snoozeItem, ({ params, body }, call) => snoozeItem(call, params.id, body)),
  route(contracts.notificationSettings, (_input, call) => usecases.notificationSettings(call)),
  route(contracts.changeNotificationSettings, ({ body }, call) => usecases.changeNotificationSettings(call, body)),
  route(contracts.connectSlack, ({ body }, call) => usecases.connectSlack(call, body)),
  route(contracts.disconnectSlack, (_input, call) => usecases.disconnectSlack(call)),
  route(slack.slackInteraction, (_input, call, { req }) => {
    const bytes = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    requireSlackSignature(buttons.signingSecret(call), {
      bytes,
      signature: req.header('x-slack-signature') ?? '',
      timestamp: req.header('x-slack-request-timestamp') ?? '',
    });
    return buttons.takeInteraction(call, new URLSearchParams(bytes.toString('utf8')).get('payload') ?? '');
  }),
  route(slack.createSlackCode, (_input, call) => buttons.createSlackCode(call)),
  route(slack.unlinkSlack, (_input, call) => buttons.unlinkSlack(call)),
  route(contracts.listNotifications, ({ query }, call) => usecases.listNotifications(call, query)),
  route(contracts.readNotifications, ({ body }, call) => usecases.readNotifications(call, body)),
];
