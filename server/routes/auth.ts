import type { Response } from 'express';
import type { Services } from '#activities/ports/services.ts';
import { AppError, errorStatus } from '#workflows/domain/errors.ts';
import * as contracts from '../contracts/auth.ts';
import { checkOrigin, cookies, refreshCookie } from '../http/authenticate.ts';
import { route } from '../http/define-route.ts';
import { clearCookies, clientOf as client, setSignedIn } from '../http/session-cookies.ts';
import * as account from '../usecases/account.ts';
import * as waitlist from '../usecases/waitlist.ts';
import type { Auth } from '../usecases/auth.ts';

export function authRoutes(services: Services, auth: Auth) {
  const answer = <T extends Parameters<typeof setSignedIn>[2]>(res: Response, given: T) =>
    setSignedIn(services, res, given);
  return [
    route(contracts.register, ({ body }) => auth.register(body)),
    route(contracts.login, async ({ body }, _call, { req, res }) => answer(res, await auth.login(body, client(req)))),
    route(contracts.refresh, async ({ body }, _call, { req, res }) => {
      const cookie = cookies(req.headers.cookie)[refreshCookie];
      if (!body.refresh_token && cookie) checkOrigin(req.headers.origin, req.headers.host);
      try {
        return answer(res, await auth.refresh(body.refresh_token ?? cookie, req.ip));
      } catch (error) {
        if (error instanceof AppError && errorStatus[error.code] === 401) clearCookies(res);
        throw error;
      }
    }),
    route(contracts.logout, async (_input, call, { req, res }) => {
      await auth.logout(call.actor, req.ip);
      clearCookies(res);
      return undefined;
    }),
    route(contracts.logoutAll, async (_input, call, { req, res }) => {
      await account.logoutAll(call, client(req));
      clearCookies(res);
      return undefined;
    }),
    route(contracts.changePassword, async ({ body }, call, { req, res }) => {
      await account.changePassword(call, body, client(req));
      clearCookies(res);
      return undefined;
    }),
    route(contracts.listSessions, ({ query }, call) => account.listSessions(call, query)),
    route(contracts.revokeSession, ({ params }, call, { req }) => account.revokeSession(call, params.id, client(req))),
    route(contracts.waitlist, ({ query }, call) => waitlist.listWaitlist(call, query)),
    route(contracts.approveAll, (_input, call) => waitlist.approveAll(call)),
    route(contracts.approve, ({ params }, call) => waitlist.approve(call, params.id)),
    route(contracts.auditTrail, ({ query }, call) => account.auditTrail(call, query)),
    route(contracts.signInLink, async ({ body }, _call, { req, res }) =>
      answer(res, await auth.signInByLink(body.token, client(req))),
    ),
    route(contracts.createSignInLink, async (_input, call) => ({
      url: `${services.config.server.public_url ?? `http://localhost:${services.config.server.port}`}/sign-in?token=${await auth.createOwnLink(call)}`,
    })),
    route(contracts.me, (_input, call) => auth.me(call)),
    route(contracts.updateMe, ({ body }, call, { req }) => account.updateMe(call, body, client(req))),
    route(contracts.liveTicket, (_input, call) => auth.liveTicket(call)),
  ];
}
