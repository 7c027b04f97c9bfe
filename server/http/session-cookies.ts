import type { Request, Response } from 'express';
import type { Services } from '#activities/ports/services.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Pair } from '../usecases/auth.ts';
import type { Challenge } from '../usecases/second-factor.ts';
import { accessCookie, refreshCookie } from './authenticate.ts';

const stateCookie = 'omoios_auth_state';
/** The challenge of a sign-in that waits for its second factor. */
export const challengeCookie = 'omoios_challenge';

/** AUTH-04: scripts cannot read the cookies with tokens. A third cookie shows them only that a user is signed in. */
export function setCookies(services: Pick<Services, 'config'>, res: Response, pair: Pair): void {
  const { auth } = services.config;
  const common = cookieRules(services);
  res.cookie(accessCookie, pair.access_token, { ...common, maxAge: auth.access_ttl * 1000 });
  res.cookie(refreshCookie, pair.refresh_token, { ...common, maxAge: auth.refresh_ttl * 1000 });
  res.cookie(stateCookie, 'signed-in', { ...common, httpOnly: false, maxAge: auth.refresh_ttl * 1000 });
}

/** The rules of every cookie that scripts must not read. */
function cookieRules({ config: { env, server } }: Pick<Services, 'config'>) {
  const secure = env === 'production' && !(server.public_url ?? '').startsWith('http://');
  return { httpOnly: true, sameSite: 'lax' as const, secure, path: '/' };
}

/** Gives the browser the sign-in, or the challenge that it answers with a code. */
export function setSignedIn<T extends Pair | Challenge>(
  services: Pick<Services, 'config'>,
  res: Response,
  given: T,
): T {
  if ('challenge' in given)
    res.cookie(challengeCookie, given.challenge, { ...cookieRules(services), maxAge: given.expires_in * 1000 });
  else {
    setCookies(services, res, given);
    res.clearCookie(challengeCookie, { path: '/' });
  }
  return given;
}

/** The state of a sign-in at a provider: only the browser that began it finishes it. */
export const oauthCookie = 'omoios_oauth';
export const setOauthCookie = (services: Pick<Services, 'config'>, res: Response, state: string) =>
  void res.cookie(oauthCookie, state, {
    ...cookieRules(services),
    maxAge: services.config.oauth.state_ttl * 1000,
  });
export const clearOauthCookie = (res: Response) => void res.clearCookie(oauthCookie, { path: '/' });

export const clientOf = (req: Request) => ({
  user_agent: cutStart(req.header('user-agent') ?? '', 300) || undefined,
  ip: req.ip,
});

export function clearCookies(res: Response): void {
  for (const name of [accessCookie, refreshCookie, stateCookie]) res.clearCookie(name, { path: '/' });
}
