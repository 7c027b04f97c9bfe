import * as client from 'openid-client';
import {
  ConnectionEnded,
  IdentityProviderError,
  type BegunSignIn,
  type IdentityProvider,
  type ProviderTokens,
} from '../../ports/identity-provider.ts';

/** Seconds that a provider may take for one answer. */
export const timeout = 10;

/** Allows http where the operator's address has it, such as a provider on the same machine. */
export const insecure = (url: string) => (url.startsWith('http://') ? [client.allowInsecureRequests] : []);

/** The code of an error and no more: its cause may hold an answer with tokens. */
function problemOf(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError)
    return error.error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message);
}

async function told<T>(title: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof IdentityProviderError) throw error;
    throw new IdentityProviderError(`${title} did not confirm the sign-in (${problemOf(error)}).`);
  }
}

/** Codes for a refresh token that is spent, revoked or too old: that of OAuth 2, and GitHub's. */
const ended = ['invalid_grant', 'bad_refresh_token'];

type Answer = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;

/** The code flow with PKCE, which every provider has in common. */
export function codeFlow(
  title: string,
  parameters: Record<string, string>,
  configuration: () => Promise<client.Configuration>,
  read: (answer: Answer) => Promise<Awaited<ReturnType<IdentityProvider['finish']>>['profile']>,
  options: { nonce: boolean; connecting?: Record<string, string> },
): IdentityProvider {
  return {
    title,
    begin: (redirectUri, connecting) =>
      told(title, async () => {
        const begun: BegunSignIn = {
          state: client.randomState(),
          verifier: client.randomPKCECodeVerifier(),
          nonce: client.randomNonce(),
        };
        const url = client.buildAuthorizationUrl(await configuration(), {
          ...parameters,
          ...(connecting ? options.connecting : {}),
          redirect_uri: redirectUri,
          state: begun.state,
          code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
          code_challenge_method: 'S256',
          ...(options.nonce ? { nonce: begun.nonce } : {}),
        });
        return { ...begun, url: url.href };
      }),
    finish: (callback, { state, verifier, nonce }) =>
      told(title, async () => {
        const answer = await client.authorizationCodeGrant(await configuration(), callback, {
          expectedState: state,
          pkceCodeVerifier: verifier,
          ...(options.nonce ? { expectedNonce: nonce, idTokenExpected: true } : {}),
        });
        return { profile: await read(answer), tokens: tokensOf(answer) };
      }),
    refresh: async (refreshToken) => {
      try {
        const answer = await client.refreshTokenGrant(await configuration(), refreshToken);
        return { refresh_token: refreshToken, ...tokensOf(answer) };
      } catch (error) {
        const problem = problemOf(error);
        if (ended.includes(problem)) throw new ConnectionEnded(`${title} refuses the refresh token (${problem}).`);
        throw new IdentityProviderError(`${title} did not renew the token (${problem}).`);
      }
    },
  };
}

function tokensOf(answer: Answer): ProviderTokens {
  const seconds = answer.expiresIn();
  return {
    access_token: answer.access_token,
    ...(answer.refresh_token ? { refresh_token: answer.refresh_token } : {}),
    ...(seconds === undefined ? {} : { expires_at: new Date(Date.now() + seconds * 1000).toISOString() }),
    ...(answer.scope ? { scope: answer.scope } : {}),
  };
}
