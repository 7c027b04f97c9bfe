import { identityProviders } from '#activities/adapters/identity-provider/index.ts';
import { IdentityProviderError, type IdentityProvider } from '#activities/ports/identity-provider.ts';
import { loadConfig } from '#activities/services/config.ts';
import { asPerson, startIdentityProviders, type TestProfile } from '#tests/support/identity-providers.ts';

const client = { gitlab_client_id: 'omoios-at-gitlab', gitlab_client_secret: 'secret-of-omoios-at-gitlab' };
const callback = 'https://omoios.example.com/api/v1/auth/oauth/gitlab/callback';
const profile: TestProfile = { id: '7', email: 'ada@example.test', verified: true };

let played: Awaited<ReturnType<typeof startIdentityProviders>>;
let gitlab: IdentityProvider;
beforeAll(async () => {
  played = await startIdentityProviders();
  const config = loadConfig({ oauth: { ...client, gitlab_url: played.env.GOOGLE_ISSUER } }, {});
  gitlab = identityProviders(config.oauth).get('gitlab') as IdentityProvider;
});
afterAll(() => played.stop());

async function agreed(as = profile) {
  const begun = await gitlab.begin(callback, false);
  const answer = await fetch(asPerson(begun.url, as), { redirect: 'manual' });
  return { begun, back: new URL(answer.headers.get('location') ?? '') };
}

test('[AUTH-10] a provider with OpenID Connect tells who the person is, and which address it has verified', async () => {
  const { begun, back } = await agreed();
  expect(await gitlab.finish(back, begun)).toEqual({
    profile: { id: '7', login: profile.email, verified_email: profile.email, full_name: 'Ada', avatar_url: null },
    tokens: {
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      expires_at: expect.any(String),
      scope: expect.any(String),
    },
  });
  const unverified = await agreed({ ...profile, verified: false });
  expect((await gitlab.finish(unverified.back, unverified.begun)).profile.verified_email).toBeNull();
});

test('[AUTH-10] another state, verifier or nonce is refused, with no secret in the error', async () => {
  for (const other of ['state', 'verifier', 'nonce']) {
    const { begun, back } = await agreed();
    const finished = gitlab.finish(back, { ...begun, [other]: 'x'.repeat(43) });
    await expect(finished).rejects.toThrow(IdentityProviderError);
    const { message } = (await finished.catch((error: unknown) => error)) as Error;
    expect(message).toMatch(/^GitLab did not confirm the sign-in \(\w+\)\.$/);
  }
});

test.each([
  ['all that was asked for', { access_token: 'gho_1', scope: 'read:user,user:email,repo,read:org' }, true],
  ['less', { access_token: 'gho_1', scope: 'read:user,user:email' }, false],
  ['a name that only begins so', { access_token: 'gho_1', scope: 'repo:status' }, false],
  ['the rights of a GitHub App, which are no scopes', { access_token: 'ghu_1' }, true],
])('[GIT-01] a token with %s serves repositories or not', (_, tokens, serves) => {
  const of = { github_client_id: 'omoios-at-github', github_client_secret: 'secret-of-omoios-at-github' };
  const github = identityProviders(loadConfig({ oauth: of }, {}).oauth).get('github');
  expect(github?.servesRepositories?.(tokens)).toBe(serves);
});

test.each<[object, string]>([
  [{ oauth: { github_client_id: 'x' } }, 'GITHUB_CLIENT_SECRET'],
  [{ oauth: client }, 'GITLAB_URL'],
  [
    {
      env: 'production',
      auth: { jwt_secret: 'x'.repeat(32) },
      allow_embedded: true,
      oauth: { ...client, gitlab_url: 'https://gitlab.com' },
    },
    'SECRETS_KEY',
  ],
])('[CONF-01] %j stops the start and names what is missing', (settings, name) => {
  expect(() => loadConfig(settings as Parameters<typeof loadConfig>[0], {})).toThrow(name);
});
