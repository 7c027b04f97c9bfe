import type { Services } from '#activities/ports/services.ts';
import * as contracts from '../contracts/mailed-links.ts';
import { route } from '../http/define-route.ts';
import { clientOf } from '../http/session-cookies.ts';
import * as usecases from '../usecases/mailed-links.ts';

export const mailedLinkRoutes = (services: Services) => [
  route(contracts.verifyEmail, ({ body }, _call, { req }) => usecases.verifyEmail(services, body.token, clientOf(req))),
  route(contracts.resendVerification, async ({ body }) => usecases.resendVerification(services, body.email)),
  route(contracts.forgotPassword, async ({ body }, _call, { req }) =>
    usecases.forgotPassword(services, body.email, clientOf(req)),
  ),
  route(contracts.resetPassword, ({ body }, _call, { req }) => usecases.resetPassword(services, body, clientOf(req))),
];
