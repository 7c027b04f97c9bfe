import type { Response } from 'express';
import type { Services } from '#activities/ports/services.ts';
import type { Pair } from '../usecases/auth.ts';
import { accessCookie, refreshCookie } from './authenticate.ts';

const stateCookie = 'omoios_auth_state';

/** AUTH-04: scripts cannot read the cookies with tokens. A third cookie shows them only that a user is signed in. */
export function setCookies(services: Pick<Services, 'config'>, res: Response, pair: Pair): void {
  const { auth, env, server } = services.config;
  const secure = env === 'production' && !(server.public_url ?? '').startsWith('http://');
  const common = { httpOnly: true, sameSite: 'lax' as const, secure, path: '/' };
  res.cookie(accessCookie, pair.access_token, { ...common, maxAge: auth.access_ttl * 1000 });
  res.cookie(refreshCookie, pair.refresh_token, { ...common, maxAge: auth.refresh_ttl * 1000 });
  res.cookie(stateCookie, 'signed-in', { ...common, httpOnly: false, maxAge: auth.refresh_ttl * 1000 });
}

export function clearCookies(res: Response): void {
  for (const name of [accessCookie, refreshCookie, stateCookie]) res.clearCookie(name, { path: '/' });
}
