import * as client from 'openid-client';
import { z } from 'zod';
import {
  IdentityProviderError,
  type IdentityProvider,
  type ProviderProfile,
  type ProviderTokens,
} from '../../ports/identity-provider.ts';
import { githubApi } from '../code-host/github-place.ts';
import { codeFlow, insecure, timeout } from './begun.ts';

const userSchema = z.object({
  id: z.union([z.number().int(), z.string()]).transform(String),
  login: z.string(),
  name: z.string().nullish(),
  avatar_url: z.string().nullish(),
});
const emailsSchema = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** A person may grant an OAuth app less than it asks for. Tokens of a GitHub App have no scopes: the App has its rights. */
const servesRepositories = ({ access_token: token, scope = '' }: ProviderTokens) =>
  token.startsWith('ghu_') || scope.split(/[\s,]+/).includes('repo');

/** GitHub says with status 200 that it refuses a code or a refresh token; OAuth 2 has 400 for that. */
async function fetchTokens(url: string, options: client.CustomFetchOptions): Promise<Response> {
  const response = await fetch(url, options as RequestInit);
  const text = await response.text();
  const isRefusal = response.ok && /"error"\s*:/.test(text);
  return new Response(text, { status: isRefusal ? 400 : response.status, headers: response.headers });
}

/** GitHub has OAuth 2 without OpenID Connect: its API tells who the person is. */
export function github({
  url,
  client_id: id,
  client_secret: secret,
}: {
  url: string;
  client_id: string;
  client_secret: string;
}): IdentityProvider {
  const api = githubApi(url);
  const configuration = new client.Configuration(
    {
      issuer: `${url}/login/oauth`,
      authorization_endpoint: `${url}/login/oauth/authorize`,
      token_endpoint: `${url}/login/oauth/access_token`,
    },
    id,
    undefined,
    client.ClientSecretPost(secret),
  );
  configuration.timeout = timeout;
  configuration[client.customFetch] = fetchTokens;
  for (const allow of insecure(url)) allow(configuration);

  async function ask<T>(schema: z.ZodType<T>, path: string, token: string): Promise<T> {
    const response = await fetch(`${api}${path}`, {
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}`, 'user-agent': 'omoios' },
      signal: AbortSignal.timeout(timeout * 1000),
      redirect: 'error',
    });
    if (!response.ok) throw new IdentityProviderError(`GitHub answered ${response.status} for ${path}.`);
    return schema.parse(await response.json());
  }

  async function profile(token: string): Promise<ProviderProfile> {
    const [user, emails] = await Promise.all([
      ask(userSchema, '/user', token),
      ask(emailsSchema, '/user/emails', token),
    ]);
    const verified = emails.filter((entry) => entry.verified);
    return {
      id: user.id,
      login: user.login,
      verified_email: (verified.find((entry) => entry.primary) ?? verified[0])?.email ?? null,
      full_name: user.name ?? null,
      avatar_url: user.avatar_url ?? null,
    };
  }

  const signIn = 'read:user user:email';
  const flow = codeFlow(
    'GitHub',
    { scope: signIn },
    () => Promise.resolve(configuration),
    (answer) => profile(answer.access_token),
    // Rights to repositories are asked for only where a person connects theirs.
    { nonce: false, connecting: { scope: `${signIn} repo read:org` } },
  );
  return { ...flow, servesRepositories };
}
