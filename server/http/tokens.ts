import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { AppError } from '#workflows/domain/errors.ts';

export { deterministicId } from '#activities/support/ids.ts';

export type TokenType = 'access' | 'refresh';

export interface TokenClaims {
  sub: string;
  type: TokenType;
  jti: string;
  /** Id of the sign-in that the token belongs to. */
  sid: string;
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const randomToken = () => randomBytes(32).toString('base64url');

/** AUTH-04: HS256 with sub, exp, iat, type, jti. */
export function createTokens(secret: string) {
  const key = new TextEncoder().encode(secret);
  return {
    sign: async (
      claims: Omit<TokenClaims, 'jti'> & { jti?: string },
      seconds: number,
    ): Promise<{ token: string; jti: string }> => {
      const jti = claims.jti ?? randomUUID();
      const token = await new SignJWT({ type: claims.type, sid: claims.sid })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(claims.sub)
        .setJti(jti)
        .setIssuedAt()
        .setExpirationTime(`${Math.round(seconds)}s`)
        .sign(key);
      return { token, jti };
    },
    verify: async (token: string, type: TokenType): Promise<TokenClaims> => {
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
        if (payload.type !== type || !payload.sub || !payload.jti || typeof payload.sid !== 'string')
          throw new Error('not that kind');
        return { sub: payload.sub, type, jti: payload.jti, sid: payload.sid };
      } catch {
        throw new AppError('unauthenticated', 'The token is not valid or has expired. Sign in again.');
      }
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;
