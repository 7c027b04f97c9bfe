import type { Request, Response } from 'express';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import * as contracts from '../contracts/auth.ts';
import { accessCookie, checkOrigin, cookies, refreshCookie } from '../http/authenticate.ts';
import { route } from '../http/define-route.ts';
import type { Auth, Pair } from '../usecases/auth.ts';
import { cutStart } from '#workflows/domain/text.ts';

const stateCookie = 'omoios_auth_state';

/** AUTH-04: scripts cannot read the cookies with tokens. A third cookie shows them only that a user is signed in. */
function setCookies(services: Services, res: Response, pair: Pair): void {
  const { auth, env, server } = services.config;
  const secure = env === 'production' && !(server.public_url ?? '').startsWith('http://');
  const common = { httpOnly: true, sameSite: 'lax' as const, secure, path: '/' };
  res.cookie(accessCookie, pair.access_token, { ...common, maxAge: auth.access_ttl * 1000 });
  res.cookie(refreshCookie, pair.refresh_token, { ...common, maxAge: auth.refresh_ttl * 1000 });
  res.cookie(stateCookie, 'signed-in', { ...common, httpOnly: false, maxAge: auth.refresh_ttl * 1000 });
}

function clearCookies(res: Response): void {
  for (const name of [accessCookie, refreshCookie, stateCookie]) res.clearCookie(name, { path: '/' });
}

const client = (req: Request) => ({
  user_agent: cutStart(req.header('user-agent') ?? '', 300) || undefined,
  ip: req.ip,
});

export function authRoutes(services: Services, auth: Auth) {
  const answer = (res: Response, pair: Pair) => {
    setCookies(services, res, pair);
    return pair;
  };
  return [
    route(contracts.register, ({ body }) => auth.register(body)),
    route(contracts.login, async ({ body }, _call, { req, res }) => answer(res, await auth.login(body, client(req)))),
    route(contracts.refresh, async ({ body }, _call, { req, res }) => {
      const cookie = cookies(req.headers.cookie)[refreshCookie];
      if (!body.refresh_token && cookie) checkOrigin(req.headers.origin, req.headers.host);
      try {
        return answer(res, await auth.refresh(body.refresh_token ?? cookie));
      } catch (error) {
        if (error instanceof AppError && error.code === 'unauthenticated') clearCookies(res);
        throw error;
      }
    }),
    route(contracts.logout, async (_input, call, { res }) => {
      await auth.logout(call.actor);
      clearCookies(res);
      return undefined;
    }),
    route(contracts.signInLink, async ({ body }, _call, { req, res }) =>
      answer(res, await auth.signInByLink(body.token, client(req))),
    ),
    route(contracts.createSignInLink, async (_input, call) => ({
      url: `${services.config.server.public_url ?? `http://localhost:${services.config.server.port}`}/sign-in?token=${await auth.createOwnLink(call)}`,
    })),
    route(contracts.me, (_input, call) => auth.me(call)),
    route(contracts.liveTicket, (_input, call) => auth.liveTicket(call)),
  ];
}
