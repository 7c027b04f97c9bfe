import type { RequestHandler } from 'express';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Auth, Pair } from '../usecases/auth.ts';
import { asyncHandler } from './async-handler.ts';
import { accessCookie, cookies, refreshCookie } from './authenticate.ts';
import { setCookies } from './session-cookies.ts';

/** Accepts forms only from our own pages. A browser sends the origin of every POST; a POST without one is refused. */
export const fromOwnPage: RequestHandler = (req, _res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') return next();
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(req.method))
    return next(new AppError('not_found', `No page answers ${req.method}. Use GET or POST.`));
  const origin = req.headers.origin;
  const own = origin ? hostOf(origin) === req.headers.host : req.headers['sec-fetch-site'] === 'same-origin';
  next(own ? undefined : new AppError('forbidden', 'Requests from other sites are refused.'));
};

/** Remix reserves this parameter for pages of an older version, and fails on it. */
export const withoutOldData: RequestHandler = (req, _res, next) =>
  next(
    '_data' in req.query
      ? new AppError('invalid_body', 'The parameter _data is reserved. Remove it from the address.')
      : undefined,
  );

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/** The parts of the application that pages need beside its REST interface. */
export interface PageParts {
  auth: Pick<Auth, 'refreshPage'>;
  services: Pick<Services, 'config'>;
}

/** Milliseconds that the answer for a used token is kept: a page sends several requests with it at once. */
const kept = 30_000;

/**
 * Gives pages a valid access token while the sign-in lasts. A refresh token can be used once, and a second use counts
 * as theft, so requests that carry the same token share one renewal.
 */
export function renewSession({ auth, services }: PageParts): RequestHandler {
  const renewals = new Map<string, Promise<Pair | undefined>>();
  return asyncHandler(async (req, res, next) => {
    const { [accessCookie]: access, [refreshCookie]: refresh } = cookies(req.headers.cookie);
    res.locals.access_token = access;
    if (access || !refresh) return next();
    let renewal = renewals.get(refresh);
    if (!renewal) {
      renewal = auth.refreshPage(refresh).catch(() => undefined);
      renewals.set(refresh, renewal);
      setTimeout(() => renewals.delete(refresh), kept).unref();
    }
    const renewed = await renewal;
    if (renewed) {
      res.locals.access_token = renewed.access_token;
      setCookies(services, res, renewed);
    }
    next();
  });
}
