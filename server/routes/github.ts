import * as contracts from '../contracts/github.ts';
import { route } from '../http/define-route.ts';
import { takeCodeHostEvent } from '../usecases/code-host-events.ts';

export const githubRoutes = [
  route(contracts.githubWebhook, (_input, { services }, { req }) =>
    takeCodeHostEvent(services, {
      bytes: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
      signature: req.header('x-hub-signature-256') ?? '',
      name: req.header('x-github-event') ?? '',
    }),
  ),
];
