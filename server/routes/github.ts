import * as connection from '../contracts/github-connection.ts';
import * as contracts from '../contracts/github.ts';
import { route } from '../http/define-route.ts';
import { takeCodeHostEvent } from '../usecases/code-host-events.ts';
import * as connections from '../usecases/github-connection.ts';

export const githubRoutes = [
  route(contracts.githubWebhook, (_input, { services }, { req }) =>
    takeCodeHostEvent(services, {
      bytes: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
      signature: req.header('x-hub-signature-256') ?? '',
      name: req.header('x-github-event') ?? '',
    }),
  ),
  route(connection.githubConnectionStatus, (_input, call) => connections.githubConnectionStatus(call)),
  route(connection.githubDisconnect, (_input, call) => connections.githubDisconnect(call)),
  route(connection.githubDisconnectAll, (_input, call) => connections.githubDisconnectAll(call)),
  route(connection.githubDisconnectUser, ({ params }, call) => connections.githubDisconnectUser(call, params.user_id)),
];
