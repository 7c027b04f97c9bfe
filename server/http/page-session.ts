import type { RequestHandler } from 'express';
import { AppError } from '#workflows/domain/errors.ts';
import { asyncHandler } from './async-handler.ts';
import { accessCookie, cookies, refreshCookie } from './authenticate.ts';

/** Accepts forms only from our own pages. A browser sends the origin of every POST; a POST without one is refused. */
export const fromOwnPage: RequestHandler = (req, _res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') return next();
  const origin = req.headers.origin;
  const own = origin ? hostOf(origin) === req.headers.host : req.headers['sec-fetch-site'] === 'same-origin';
  next(own ? undefined : new AppError('forbidden', 'Requests from other sites are refused.'));
};

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

interface Renewed {
  access_token: string;
  set_cookies: string[];
}

/** Milliseconds that the answer for a used token is kept: a page sends several requests with it at once. */
const kept = 30_000;

/**
 * Gives pages a valid access token while the sign-in lasts. A refresh token can be used once, and a second use counts
 * as theft, so requests that carry the same token share one renewal.
 */
export function renewSession(apiUrl: string): RequestHandler {
  const renewals = new Map<string, Promise<Renewed | undefined>>();

  async function renew(token: string): Promise<Renewed | undefined> {
    const response = await fetch(`${apiUrl}/api/v1/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: token }),
    });
    if (!response.ok) return undefined;
    const { access_token } = (await response.json()) as { access_token: string };
    return { access_token, set_cookies: response.headers.getSetCookie() };
  }

  return asyncHandler(async (req, res, next) => {
    const { [accessCookie]: access, [refreshCookie]: refresh } = cookies(req.headers.cookie);
    res.locals.access_token = access;
    if (access || !refresh) return next();
    let renewal = renewals.get(refresh);
    if (!renewal) {
      renewal = renew(refresh).catch(() => undefined);
      renewals.set(refresh, renewal);
      setTimeout(() => renewals.delete(refresh), kept).unref();
    }
    const renewed = await renewal;
    if (renewed) {
      res.locals.access_token = renewed.access_token;
      for (const cookie of renewed.set_cookies) res.append('set-cookie', cookie);
    }
    next();
  });
}
