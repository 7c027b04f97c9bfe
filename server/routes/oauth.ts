import type { Request, Response } from 'express';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import * as contracts from '../contracts/oauth.ts';
import { cookies } from '../http/authenticate.ts';
import { route } from '../http/define-route.ts';
import { clearOauthCookie, clientOf, oauthCookie, setOauthCookie, setSignedIn } from '../http/session-cookies.ts';
import type { Auth } from '../usecases/auth.ts';
import * as usecases from '../usecases/oauth.ts';

/** A browser that a provider leads back gets a page; a program gets the error. */
function showProblem(req: Request, res: Response, error: unknown): undefined {
  if (!(error instanceof AppError) || req.accepts(['json', 'html']) !== 'html') throw error;
  const { reason } = (error.details ?? {}) as { reason?: unknown };
  res.redirect(`/sign-in?error=${typeof reason === 'string' ? reason : 'oauth_failed'}`);
  return undefined;
}

export function oauthRoutes(services: Services, auth: Auth) {
  const withCookie = (res: Response, begun: usecases.BegunOauth) => {
    setOauthCookie(services, res, begun.state);
    return begun;
  };
  return [
    route(contracts.oauthProviders, () => Promise.resolve(usecases.oauthProviders(services))),
    route(contracts.oauthConnected, (_input, call) => usecases.oauthConnected(call)),
    route(contracts.oauthSignIn, async ({ params, query }, _call, { req, res }) => {
      try {
        const begun = withCookie(res, await usecases.beginOauth(services, params.provider, query.to));
        res.redirect(begun.auth_url);
      } catch (error) {
        return showProblem(req, res, error);
      }
      return undefined;
    }),
    route(contracts.oauthUrl, async ({ params, query }, _call, { res }) =>
      withCookie(res, await usecases.beginOauth(services, params.provider, query.to)),
    ),
    route(contracts.oauthRedirectUri, ({ params }) =>
      Promise.resolve(usecases.oauthRedirectUri(services, params.provider)),
    ),
    route(contracts.oauthCallback, async ({ params, query }, _call, { req, res }) => {
      try {
        const cookie = cookies(req.headers.cookie)[oauthCookie];
        const { to, user } = await usecases.finishOauth(services, params.provider, query, cookie, clientOf(req));
        clearOauthCookie(res);
        const given = user && setSignedIn(services, res, await auth.enter(user, clientOf(req), params.provider));
        res.redirect(given && 'challenge' in given ? `/sign-in?step=code&to=${encodeURIComponent(to)}` : to);
      } catch (error) {
        return showProblem(req, res, error);
      }
      return undefined;
    }),
    route(contracts.oauthConnect, async ({ params, body }, call, { res }) =>
      withCookie(res, await usecases.beginConnect(call, params.provider, body.to)),
    ),
    route(contracts.oauthDisconnect, ({ params }, call, { req }) =>
      usecases.disconnectOauth(call, params.provider, clientOf(req)),
    ),
  ];
}
