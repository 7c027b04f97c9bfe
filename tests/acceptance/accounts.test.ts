import { randomBytes, randomUUID } from 'node:crypto';
import { Api, eventually } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import { newPerson, password } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { shared } from '#tests/support/shared.ts';

interface Pair {
  access_token: string;
  refresh_token: string;
}
interface SignIn {
  id: string;
  user_agent: string | null;
  current: boolean;
}

const anonymous = () => new Api(shared.url, undefined);
const signIn = (email: string, secret = password) =>
  anonymous().request<Pair>('POST', '/auth/login', { email, password: secret });
const statusOf = async (pair: Pair) => (await anonymous().as(pair.access_token).request('GET', '/auth/me')).status;
const refreshed = (pair: Pair) =>
  anonymous().request<Pair>('POST', '/auth/refresh', { refresh_token: pair.refresh_token });

/** A person with several sign-ins. */
async function signedIn(times: number) {
  const person = await newPerson({ organization: false });
  const pairs: Pair[] = [];
  for (let i = 0; i < times; i += 1) pairs.push((await signIn(person.email)).body);
  return { ...person, pairs };
}

test.each<[string, string]>([
  ['8 to 100 characters', 'Ab1!'],
  ['8 to 100 characters', `Ab1!${'x'.repeat(97)}`],
  ['an upper-case letter', 'correct-horse-7'],
  ['a lower-case letter', 'CORRECT-HORSE-7'],
  ['a digit', 'Correct-horse-x'],
  ['a special character', 'CorrectHorse7'],
  ['none of the common passwords', 'P@ssw0rd'],
])('[AUTH-02] a password needs %s', async (rule, weak) => {
  const email = `${randomBytes(6).toString('hex')}@example.test`;
  expect(await anonymous().request('POST', '/auth/register', { email, password: weak })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'password', message: `needs ${rule}` }] },
  });
});

test('[AUTH-05] a refresh token that is used twice at once gives one new pair, and ends every sign-in', async () => {
  const { pairs } = await signedIn(2);
  const [first, other] = pairs as [Pair, Pair];
  const answers = await Promise.all([refreshed(first), refreshed(first)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  for (const pair of [...answers.flatMap(({ status, body }) => (status === 200 ? [body] : [])), other])
    expect([await statusOf(pair), (await refreshed(pair)).status]).toEqual([401, 401]);
});

test('[AUTH-06] a sign-out ends its own sign-in, and logout-all ends them all', async () => {
  const { pairs } = await signedIn(3);
  const [first, second, third] = pairs as [Pair, Pair, Pair];
  await anonymous().as(first.access_token).request('POST', '/auth/logout');
  expect([await statusOf(first), (await refreshed(first)).status, await statusOf(second)]).toEqual([401, 401, 200]);
  expect((await anonymous().as(second.access_token).request('POST', '/auth/logout-all')).status).toBe(204);
  for (const pair of [second, third])
    expect([await statusOf(pair), (await refreshed(pair)).status]).toEqual([401, 401]);
});

test('[AUTH-09] a changed password ends every sign-in; a wrong one changes nothing and locks in time', async () => {
  const { email, pairs } = await signedIn(2);
  const [first] = pairs as [Pair];
  const api = anonymous().as(first.access_token);
  const change = (current_password: string, new_password = 'Another-horse-8') =>
    api.request('POST', '/auth/change-password', { current_password, new_password });
  expect(await change('Wrong-horse-7')).toMatchObject({
    status: 400,
    body: { details: [{ field: 'current_password' }] },
  });
  expect((await change(password, 'short')).status).toBe(422);
  expect(await statusOf(first)).toBe(200);
  expect((await change(password)).status).toBe(204);
  for (const pair of pairs) expect([await statusOf(pair), (await refreshed(pair)).status]).toEqual([401, 401]);
  expect([(await signIn(email)).status, (await signIn(email, 'Another-horse-8')).status]).toEqual([401, 200]);

  const thief = await signedIn(1);
  const stolen = anonymous().as(thief.pairs[0]?.access_token);
  const guess = () =>
    stolen.request('POST', '/auth/change-password', { current_password: 'Guessed-7', new_password: 'Another-horse-8' });
  const guesses: number[] = [];
  for (let i = 0; i < 6; i += 1) guesses.push((await guess()).status);
  expect(guesses).toEqual([400, 400, 400, 400, 400, 429]);
});

test('[AUTH-09] a user changes their profile, but no token of a provider', async () => {
  const { api } = await newPerson();
  const change = { full_name: 'Ada', department: null, attributes: { theme: 'dark' } };
  expect(await api.request('PATCH', '/auth/me', change)).toMatchObject({ status: 200, body: change });
  expect(await api.get('/auth/me')).toMatchObject(change);
  const named = ['github_access_token', 'google_id', 'refresh_token', 'anthropic-api-key'];
  const refused: [string, object][] = named.map((name) => [name, { [name]: 'x' }]);
  refused.push(['a.openai_api_key', { a: { openai_api_key: 'x' } }]);
  for (const [field, attributes] of refused)
    expect(await api.request('PATCH', '/auth/me', { attributes })).toMatchObject({
      status: 422,
      body: { details: [{ field: `attributes.${field}` }] },
    });
  expect((await api.request('PATCH', '/auth/me', { attributes: { long: 'x'.repeat(20_000) } })).status).toBe(422);
  expect((await api.request('PATCH', '/auth/me', { is_super_admin: true })).status).toBe(422);
  const { key } = await api.post<{ key: string }>('/auth/api-keys', { name: 'k', scopes: ['org:*'] });
  expect((await api.as(key).request('PATCH', '/auth/me', { full_name: 'Eve' })).status).toBe(403);
});

test('[AUTH-14] a user sees their sign-ins, and ends one of them; nobody else does', async () => {
  const { pairs } = await signedIn(2);
  const [first, second] = pairs as [Pair, Pair];
  const api = anonymous().as(first.access_token);
  const { items } = await api.get<{ items: SignIn[] }>('/auth/sessions');
  expect(items).toHaveLength(3);
  expect(items.filter(({ current }) => current)).toHaveLength(1);
  expect(items[0]?.user_agent).toEqual(expect.any(String));
  expect(JSON.stringify(items)).not.toMatch(/jti|token/);
  const newest = items[0] as SignIn;
  const stranger = await newPerson();
  expect((await stranger.api.request('DELETE', `/auth/sessions/${newest.id}`)).status).toBe(404);
  expect((await api.request('DELETE', `/auth/sessions/${newest.id}`)).status).toBe(204);
  expect([await statusOf(second), (await refreshed(second)).status, await statusOf(first)]).toEqual([401, 401, 200]);
  expect((await api.request('DELETE', `/auth/sessions/${newest.id}`)).status).toBe(404);
});

test('[AUTH-17] a wrong sign-in is on record, for administrators only', async () => {
  const { email, api, user_id } = await newPerson({ organization: false });
  expect((await signIn(email, 'Wrong-horse-7')).status).toBe(401);
  expect((await signIn(email)).status).toBe(200);
  const trail = `/auth/audit?email=${email}`;
  expect((await api.request('GET', trail)).status).toBe(403);
  const { store, close } = await stackServices();
  await store.identity.updateUser(user_id, { is_super_admin: true });
  await close();
  const { items } = await api.get<{ items: { event: string; ip: string | null; user_id: string }[] }>(trail);
  expect(items.map(({ event }) => event)).toEqual(['login_success', 'login_failed', 'login_success']);
  for (const entry of items)
    expect([entry.user_id, entry.ip]).toEqual([user_id, expect.stringMatching(/127\.0\.0\.1|::1/)]);
  expect(JSON.stringify(items)).not.toContain('Wrong-horse');
});

test('[AUTH-16] who waits for approval sees only their own account, until an administrator approves it', async () => {
  const [pending, other, admin] = [await newPerson(), await newPerson(), await newPerson({ organization: false })];
  const { store, close } = await stackServices();
  await store.identity.updateUser(admin.user_id, { is_super_admin: true });
  const wait = (id: string) => store.identity.updateUser(id, { waitlist_status: 'pending' });
  await Promise.all([pending, other].map(({ user_id }) => wait(user_id)));
  const refused = { status: 403, body: { error: 'waitlist_pending' } };
  for (const path of ['/projects', '/organizations', `/organizations/${pending.organization_id}`, '/runs'])
    expect([path, await pending.api.request('GET', path)]).toMatchObject([path, refused]);
  expect(await pending.api.request('POST', '/auth/live-ticket')).toMatchObject(refused);
  expect(await pending.api.get('/auth/me')).toMatchObject({ waitlist_status: 'pending' });

  for (const [method, path] of [
    ['GET', '/auth/waitlist'],
    ['POST', `/auth/waitlist/${pending.user_id}/approve`],
    ['POST', '/auth/waitlist/approve-all'],
  ] as const)
    expect([path, (await pending.api.request(method, path)).status]).toEqual([path, 403]);
  const waiting = await admin.api.get<{ items: { id: string }[] }>('/auth/waitlist?limit=200');
  expect(waiting.items.map(({ id }) => id)).toEqual(expect.arrayContaining([pending.user_id, other.user_id]));
  expect(await admin.api.request('POST', `/auth/waitlist/${pending.user_id}/approve`)).toMatchObject({
    status: 200,
    body: { waitlist_status: 'approved' },
  });
  expect((await pending.api.request('GET', '/projects')).status).toBe(200);
  expect(await other.api.request('GET', '/projects')).toMatchObject(refused);
  expect(await admin.api.request('POST', '/auth/waitlist/approve-all')).toMatchObject({ status: 200 });
  expect((await other.api.request('GET', '/projects')).status).toBe(200);
  expect((await admin.api.request('GET', '/auth/waitlist?status_filter=lost')).status).toBe(422);
  await close();
});

test('[AUTH-04] a deactivated account is refused at once by every way in, and works again when it is activated', async () => {
  const [person, admin] = [await newPerson(), await newPerson({ organization: false })];
  const pair = (await signIn(person.email)).body;
  const { key } = await person.api.post<{ key: string }>('/auth/api-keys', { name: 'k', scopes: ['org:*'] });
  const feed = await LiveFeed.open(shared.url, pair.access_token);
  await feed.say('{"type":"subscribe"}');
  const { store, close } = await stackServices();
  await store.identity.updateUser(admin.user_id, { is_super_admin: true });
  const change = (what: string) =>
    admin.api.request('POST', `/admin/users/${person.user_id}/${what}`, { reason: 'left' });
  expect((await person.api.request('POST', `/admin/users/${admin.user_id}/deactivate`)).status).toBe(403);
  expect((await admin.api.request('POST', `/admin/users/${randomUUID()}/deactivate`)).status).toBe(404);

  expect(await change('deactivate')).toMatchObject({
    status: 200,
    body: { is_active: false, last_owner_of: [{ id: person.organization_id }] },
  });
  const refused = { status: 401, body: { error: 'account_inactive' } };
  for (const credential of [pair.access_token, key])
    for (const path of ['/auth/me', '/projects'])
      expect(await anonymous().as(credential).request('GET', path)).toMatchObject(refused);
  expect(await refreshed(pair)).toMatchObject(refused);
  expect(await signIn(person.email)).toMatchObject(refused);
  await eventually('the feed ends', () => feed.closed === 4401);
  const late = await LiveFeed.open(shared.url, key);
  await eventually('no feed begins', () => late.closed === 4401);
  // The organization sees it, and no mail about its money goes there.
  const membership = async () =>
    (await admin.api.get<{ items: object[] }>(`/organizations/${person.organization_id}/members`)).items;
  expect(await membership()).toMatchObject([{ user_id: person.user_id, is_active: false }]);
  const { addresses } = await store.billing.recipients(person.organization_id);
  expect(addresses).toEqual([]);
  // A stranger gets the answers of an address that nobody has registered.
  const unknown = `${randomBytes(6).toString('hex')}@example.test`;
  for (const [path, body] of [
    ['/auth/login', { password: 'Wrong-horse-7' }],
    ['/auth/forgot-password', {}],
  ] as const) {
    const [theirs, nobodys] = await Promise.all(
      [person.email, unknown].map((email) => anonymous().request('POST', path, { ...body, email })),
    );
    expect([theirs?.status, theirs?.body]).toEqual([nobodys?.status, nobodys?.body]);
  }

  const listed = await admin.api.get<{ items: { id: string }[] }>(`/admin/users?is_active=false&email=${person.email}`);
  expect(listed.items.map(({ id }) => id)).toEqual([person.user_id]);
  expect(await change('activate')).toMatchObject({ status: 200, body: { is_active: true } });
  expect(await membership()).toMatchObject([{ is_active: true }]);
  expect([await statusOf(pair), (await refreshed(pair)).status]).toEqual([401, 401]);
  expect((await anonymous().as(key).request('GET', '/auth/me')).status).toBe(200);
  expect((await signIn(person.email)).status).toBe(200);
  const { items } = await admin.api.get<{ items: { event: string; details: object }[] }>(
    `/auth/audit?user_id=${person.user_id}`,
  );
  const by = { by: admin.user_id, reason: 'left' };
  expect(items.filter(({ event }) => event.startsWith('account_'))).toMatchObject([
    { event: 'account_activated', details: by },
    { event: 'account_deactivated', details: by },
  ]);
  await close();
});
