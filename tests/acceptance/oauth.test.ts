import { randomBytes, randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { openDatabaseClient } from '#prisma/client.ts';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';
import { Api } from '#tests/support/api.ts';
import { Browser, oauthAddress } from '#tests/support/browser.ts';
import type { TestProfile } from '#tests/support/identity-providers.ts';
import { newPerson, password } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { shared } from '#tests/support/shared.ts';

const newId = () => String(randomInt(1, 2 ** 40));
const newEmail = () => `${randomBytes(6).toString('hex')}@example.test`;
const api = oauthAddress;

const reason = async (response: Response) => [
  response.status,
  ((await response.json()) as { details?: { reason?: string } }).details?.reason,
];

test.each(['github', 'google'])(
  '[AUTH-10] two sign-ins with %s are one verified user, with tokens kept secret',
  async (provider) => {
    const profile = { id: newId(), email: newEmail(), verified: true };
    const browser = new Browser();
    const first = await browser.signIn(provider, profile);
    expect([first.status, first.headers.get('location')]).toEqual([302, '/runs']);
    const { id, ...me } = await browser.me;
    expect(me).toMatchObject({ email: profile.email, is_verified: true });
    const { redirect_uri } = await new Api(shared.url, undefined).get<{ redirect_uri: string }>(
      `/auth/oauth/${provider}/redirect-uri`,
    );
    expect(redirect_uri).toMatch(new RegExp(`^http://localhost:\\d+/api/v1/auth/oauth/${provider}/callback$`));
    // The address at the provider has changed: its id counts.
    const again = new Browser();
    await again.signIn(provider, { ...profile, email: newEmail() });
    expect((await again.me).id).toBe(id);

    const { store, secrets, close } = await stackServices();
    const [account] = await store.identity.oauthAccountsOf(id);
    expect(account).toMatchObject({ provider, provider_user_id: profile.id });
    const { items } = await store.identity.auditTrail({ user_id: id }, { limit: 20 });
    expect(items.map(({ event }) => event)).toEqual(['login_success', 'login_success', 'oauth_connected']);
    expect(JSON.stringify([account, items])).not.toMatch(/eyJ|access_token/);
    const database = openDatabaseClient({
      url: embeddedDatabaseUrl(shared.dataDir),
      pool: 1,
      pool_timeout: 10,
      command_timeout: 10,
    });
    const rows = await database.prisma.credential.findMany({ where: { user_id: id } });
    await database.close();
    expect(rows.map(({ kind, label, sealed }) => [kind, label, sealed.includes('eyJ')])).toEqual([
      ['oauth', provider, false],
    ]);
    const [row] = rows as [(typeof rows)[number]];
    expect(JSON.parse(secrets.open(row, `${id}:${row.id}`))).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
    });
    await store.identity.setActive(id, false, { by: 'test' });
    expect(await reason(await new Browser().signIn(provider, profile))).toEqual([400, 'account_inactive']);
    await close();
  },
);

test('[AUTH-10] a sign-in needs its own browser, its provider and its first use; a refusal is told', async () => {
  const profile = { id: newId(), email: newEmail(), verified: true };
  const begin = async (browser: Browser) => (await browser.get(api('/github'))).headers.get('location') ?? '';
  const browser = new Browser();
  const url = await begin(browser);
  const asked = new URL(url).searchParams;
  expect(Buffer.from(asked.get('state') ?? '', 'base64url')).toHaveLength(32);
  expect(asked.get('code_challenge_method')).toBe('S256');
  expect(asked.get('scope')).toBe('read:user user:email');
  const back = await browser.agree(url, profile);
  expect(await reason(await new Browser().get(back))).toEqual([400, 'invalid_state']);
  expect(await reason(await browser.get(back.replace('/github/', '/google/')))).toEqual([400, 'invalid_state']);
  const state = browser.cookies.get('omoios_oauth') ?? '';
  expect((await browser.get(back)).status).toBe(302);
  browser.cookies.set('omoios_oauth', state);
  expect(await reason(await browser.get(back))).toEqual([400, 'invalid_state']);

  const refused = (await fetch(await begin(browser), { redirect: 'manual' })).headers.get('location') ?? '';
  const path = new URL(refused);
  expect(await reason(await browser.get(`${shared.url}${path.pathname}${path.search}`))).toEqual([400, 'oauth_failed']);
  const page = await browser.get(back, { accept: 'text/html,*/*' });
  expect([page.status, page.headers.get('location')]).toEqual([302, '/sign-in?error=invalid_state']);
  expect(await reason(await browser.get(api('/gitlab')))).toEqual([400, 'not_configured']);
  for (const to of ['//evil.test', 'https://evil.test', '/\\evil.test'])
    expect((await browser.get(api(`/github?to=${encodeURIComponent(to)}`))).status).toBe(422);
  expect(await (await browser.get(api('/providers'))).json()).toEqual({
    items: [
      { provider: 'github', title: 'GitHub' },
      { provider: 'google', title: 'Google' },
    ],
  });
});

test('[AUTH-10] an address joins an account only when both sides have verified it; a second factor is still asked for', async () => {
  const person = await newPerson({ organization: false });
  const { store, close } = await stackServices();
  const profile = { id: newId(), email: person.email.toUpperCase(), verified: false };
  expect(await reason(await new Browser().signIn('google', profile))).toEqual([400, 'email_unverified']);
  await store.identity.updateUser(person.user_id, { is_verified: false });
  expect(await reason(await new Browser().signIn('google', { ...profile, verified: true }))).toEqual([
    400,
    'account_unverified',
  ]);
  await store.identity.updateUser(person.user_id, { is_verified: true });
  await close();
  const browser = new Browser();
  await browser.signIn('google', { ...profile, verified: true });
  expect((await browser.me).id).toBe(person.user_id);

  const { secret } = await person.api.post<{ secret: string }>('/auth/second-factor/enrol', { password });
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  await person.api.post('/auth/second-factor/confirm', { code: app.generate() });
  const asked = new Browser();
  const answer = await asked.signIn('google', { ...profile, verified: true });
  expect(answer.headers.get('location')).toBe('/sign-in?step=code&to=%2Fruns');
  expect([...asked.cookies.keys()]).toEqual(['omoios_challenge']);
  const passed = await new Api(shared.url, undefined).request('POST', '/auth/second-factor', {
    challenge: asked.cookies.get('omoios_challenge'),
    code: app.generate({ timestamp: Date.now() + 30_000 }),
  });
  expect(passed.status).toBe(200);
});

test('[AUTH-11] a user connects, lists and disconnects accounts, but not one of another user, and not the last way in', async () => {
  const person = await newPerson({ organization: false });
  const profile = { id: newId(), email: newEmail(), verified: false };
  const connect = (on: Api, as: TestProfile) => new Browser().connect(on, 'github', as);
  expect((await connect(person.api, profile)).headers.get('location')).toBe('/runs');
  expect(await person.api.get('/auth/oauth/connected')).toMatchObject({
    items: [{ provider: 'github', login: `login-${profile.id}`, email: null }],
  });
  expect(await person.api.get('/onboarding/detect')).toMatchObject({
    github: { completed: true, current: `login-${profile.id}` },
    suggested_step: 'welcome',
  });
  // Connected once more: the tokens are new, nothing else.
  expect((await connect(person.api, profile)).status).toBe(302);
  const other = await newPerson({ organization: false });
  expect(await reason(await connect(other.api, profile))).toEqual([409, 'linked_elsewhere']);
  expect(await reason(await connect(person.api, { ...profile, id: newId() }))).toEqual([409, 'linked_elsewhere']);
  expect((await new Api(shared.url, undefined).request('POST', '/auth/oauth/github/connect', {})).status).toBe(401);
  expect((await person.api.request('POST', '/auth/oauth/gitlab/connect', {})).status).toBe(400);
  expect((await person.api.request('DELETE', '/auth/oauth/github/disconnect')).status).toBe(204);
  expect((await person.api.request('DELETE', '/auth/oauth/github/disconnect')).status).toBe(404);
  expect(await person.api.get('/auth/oauth/connected')).toEqual({ items: [] });

  const browser = new Browser();
  await browser.signIn('github', { id: newId(), email: newEmail(), verified: true });
  const passwordless = new Api(shared.url, browser.cookies.get('omoios_access_token'));
  expect(await passwordless.request('DELETE', '/auth/oauth/github/disconnect')).toMatchObject({
    status: 400,
    body: { error: 'invalid_rule' },
  });
});
