import * as contracts from '../contracts/notifications.ts';
import * as inbox from '../contracts/inbox.ts';
import { route } from '../http/define-route.ts';
import { answerItem, listInbox, snoozeItem } from '../usecases/inbox.ts';
import * as usecases from '../usecases/notifications.ts';

export const notificationRoutes = [
  route(inbox.listInbox, ({ query }, call) => listInbox(call, query)),
  route(inbox.answerItem, ({ params, body }, call) => answerItem(call, params.id, body)),
  route(inbox.snoozeItem, ({ params, body }, call) => snoozeItem(call, params.id, body)),
  route(contracts.notificationSettings, (_input, call) => usecases.notificationSettings(call)),
  route(contracts.changeNotificationSettings, ({ body }, call) => usecases.changeNotificationSettings(call, body)),
  route(contracts.connectSlack, ({ body }, call) => usecases.connectSlack(call, body)),
  route(contracts.disconnectSlack, (_input, call) => usecases.disconnectSlack(call)),
  route(contracts.listNotifications, ({ query }, call) => usecases.listNotifications(call, query)),
  route(contracts.readNotifications, ({ body }, call) => usecases.readNotifications(call, body)),
];
