import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { Events, OAuth2Issuer, OAuth2Service, type MutableResponse, type MutableToken } from 'oauth2-mock-server';

/** A person at a provider, as a test wants them: it appends `login_hint` with this as JSON to the provider's address. */
export interface TestProfile {
  id: string;
  email: string;
  verified: boolean;
  /** Granted instead of the scopes that are asked for. */
  scope?: string;
}

/** The address of a provider, at which this person agrees at once. */
export const asPerson = (authUrl: string, profile: TestProfile): string =>
  `${authUrl}&login_hint=${encodeURIComponent(JSON.stringify(profile))}`;

/** Answers what is no sign-in at the address of GitHub. */
type Others = (request: IncomingMessage, response: ServerResponse) => unknown;

type Incoming = { url?: string; query?: { scope?: string }; body?: { code?: string } };

async function openProvider(
  endpoints: object,
  nested: string,
  usual: TestProfile | undefined,
  others?: Others,
): Promise<{ service: OAuth2Service; url: string; stop(): void }> {
  const issuer = new OAuth2Issuer();
  await issuer.keys.generate('RS256');
  const service = new OAuth2Service(issuer, endpoints);
  const profiles = new Map<string, TestProfile>();
  const scopes = new Map<string, string>();
  service.on(Events.BeforeAuthorizeRedirect, ({ url }: { url: URL }, request: Incoming) => {
    const hint = new URL(request.url ?? '', 'http://localhost').searchParams.get('login_hint');
    const profile = hint ? (JSON.parse(hint) as TestProfile) : usual;
    const { scope = '' } = request.query ?? {};
    scopes.set(url.searchParams.get('code') ?? '', (profile?.scope ?? scope).replaceAll(' ', ','));
    if (profile) profiles.set(url.searchParams.get('code') ?? '', profile);
    else url.search = `?error=access_denied&state=${url.searchParams.get('state')}`;
  });
  service.on(Events.BeforeTokenSigning, ({ payload }: MutableToken, request: Incoming) => {
    const profile = profiles.get(request.body?.code ?? '');
    if (profile)
      Object.assign(payload, { sub: profile.id, email: profile.email, email_verified: profile.verified, name: 'Ada' });
  });
  if (nested)
    service.on(Events.BeforeResponse, ({ body }: MutableResponse, request: Incoming) => {
      if (body === '') return;
      // GitHub signs nothing: its API tells who the person is.
      delete body.id_token;
      body.scope = scopes.get(request.body?.code ?? '');
    });
  const server = createServer((request, response) => {
    const called = request.url ?? '';
    const isProfile = nested !== '' && [nested, `${nested}/emails`].includes(called);
    if (others && !isProfile && !called.startsWith('/login/')) return void others(request, response);
    if (!isProfile) return service.requestHandler(request, response);
    const claims = decodeJwt(/^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const email = { email: claims.email, primary: true, verified: claims.email_verified };
    const user = { id: Number(claims.sub), login: `login-${claims.sub}`, name: 'Ada', avatar_url: null };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === `${nested}/emails` ? [email] : user));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  issuer.url = url;
  return { service, url, stop: () => void server.close() };
}

/**
 * GitHub and Google, played on loopback by a server of others; `env`: the settings that point at them.
 * @param usual who agrees where no hint names a person; without it, nobody does.
 * @param others plays the rest of GitHub.
 */
export async function startIdentityProviders(
  usual?: TestProfile,
  others?: Others,
): Promise<{ env: Record<string, string>; stop(): void }> {
  const endpoints = { authorize: '/login/oauth/authorize', token: '/login/oauth/access_token' };
  const [github, google] = await Promise.all([
    openProvider(endpoints, '/api/v3/user', usual, others),
    openProvider({}, '', usual),
  ]);
  return {
    env: {
      GITHUB_URL: github.url,
      GITHUB_CLIENT_ID: 'omoios-at-github',
      GITHUB_CLIENT_SECRET: 'secret-of-omoios-at-github',
      GOOGLE_ISSUER: google.url,
      GOOGLE_CLIENT_ID: 'omoios-at-google',
      GOOGLE_CLIENT_SECRET: 'secret-of-omoios-at-google',
    },
    stop: () => {
      github.stop();
      google.stop();
    },
  };
}
