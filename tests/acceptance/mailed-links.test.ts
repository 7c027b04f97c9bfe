import { randomBytes, randomInt } from 'node:crypto';
import type { Services } from '#activities/ports/services.ts';
import { sha256 } from '#server/http/tokens.ts';
import { Api, eventually } from '#tests/support/api.ts';
import { mailedToken } from '#tests/support/mailbox.ts';
import { newPerson, password, type Person } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { shared } from '#tests/support/shared.ts';

const anonymous = () => new Api(shared.url, undefined);
const post = <T = Record<string, unknown>>(path: string, body: unknown, headers?: Record<string, string>) =>
  anonymous().request<T>('POST', path, body, headers);
const signIn = (email: string, secret = password) =>
  post<{ access_token: string; refresh_token: string }>('/auth/login', { email, password: secret });
const newAddress = () => `${randomBytes(6).toString('hex')}@example.test`;

let services: Services;
beforeAll(async () => {
  services = await stackServices();
});
afterAll(() => services.close());

const welcomes = async (email: string) =>
  (await services.store.mails.list({ limit: 200 })).items.filter(
    ({ recipient, subject }) => recipient === email && subject === 'Welcome to OmoiOS',
  ).length;

test('[AUTH-07] [BILL-13] the mailed link verifies an address once and welcomes its owner; a later mail works too, and an expired one does not', async () => {
  const { email, user_id, api } = await newPerson({ organization: false });
  expect(await api.get('/auth/me')).toMatchObject({ is_verified: false });
  const token = await mailedToken(services, email, /Verify/);
  const verify = (body: object) => post('/auth/verify-email', body);
  const expired = randomBytes(16).toString('hex');
  await services.store.identity.createLink(user_id, sha256(expired), new Date(Date.now() - 1000), 'verify_email');
  for (const bad of [expired, 'unknown'])
    expect(await verify({ token: bad })).toMatchObject({ status: 400, body: { details: [{ field: 'token' }] } });
  // A link of one purpose has no other.
  expect((await post('/auth/link', { token })).status).toBe(400);
  expect((await post('/auth/reset-password', { token, new_password: 'Another-horse-8' })).status).toBe(400);
  expect(await verify({ token })).toMatchObject({ status: 200, body: { email } });
  expect(await api.get('/auth/me')).toMatchObject({ is_verified: true });
  expect((await verify({ token })).status).toBe(400);
  await eventually('a welcome', async () => (await welcomes(email)) === 1);
  const answers = await Promise.all(
    [email, newAddress()].map((address) => post('/auth/resend-verification', { email: address })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers[0]?.body).toEqual(answers[1]?.body);
});

test('[AUTH-08] the mailed link sets a new password once, and ends every sign-in and the lock', async () => {
  const { email, user_id } = await newPerson({ organization: false });
  const { body: old } = await signIn(email);
  const answers = await Promise.all(
    [email.toUpperCase(), newAddress()].map((address) => post('/auth/forgot-password', { email: address })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers[0]?.body).toEqual(answers[1]?.body);
  const token = await mailedToken(services, email, /new password/);
  const reset = (given: string, new_password = 'Another-horse-8') =>
    post('/auth/reset-password', { token: given, new_password });
  expect(await reset(token, 'short')).toMatchObject({ status: 422 });
  const expired = randomBytes(16).toString('hex');
  await services.store.identity.createLink(user_id, sha256(expired), new Date(Date.now() - 1000), 'reset_password');
  expect((await reset(expired)).status).toBe(400);
  for (let n = 0; n < 5; n += 1) await signIn(email, 'Wrong-horse-7');
  expect((await signIn(email)).status).toBe(429);
  expect(await reset(token)).toMatchObject({ status: 200, body: { email } });
  expect((await anonymous().as(old.access_token).request('GET', '/auth/me')).status).toBe(401);
  expect((await post('/auth/refresh', { refresh_token: old.refresh_token })).status).toBe(401);
  expect((await reset(token)).status).toBe(400);
  expect((await signIn(email)).status).toBe(401);
  expect((await signIn(email, 'Another-horse-8')).status).toBe(200);
  const { items } = await services.store.identity.auditTrail({ user_id }, { limit: 50 });
  expect(items.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['password_reset_requested', 'password_reset']),
  );
  await services.store.identity.setActive(user_id, false, { by: 'test' });
  const late = randomBytes(16).toString('hex');
  await services.store.identity.createLink(user_id, sha256(late), new Date(Date.now() + 60_000), 'reset_password');
  expect((await reset(late)).status).toBe(400);
});

test('[AUTH-15] requests of one address are limited, each kind by itself, and the answer says how long', async () => {
  const from = { 'x-forwarded-for': `203.0.113.${randomInt(1, 250)}` };
  const register = (headers = from) => post('/auth/register', { email: newAddress(), password }, headers);
  for (let n = 0; n < 3; n += 1) expect((await register()).status).toBe(201);
  const refused = await register();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500);
  // An input that is refused is not counted, nor is another address, nor another kind of request.
  expect((await post('/auth/forgot-password', {}, from)).status).toBe(422);
  const six = (last: string) => ({ 'x-forwarded-for': `2001:db8:${randomInt(1, 9999)}:1::${last}` });
  expect((await register(six('1'))).status).toBe(201);
  for (let n = 0; n < 3; n += 1)
    expect((await post('/auth/forgot-password', { email: newAddress() }, from)).status).toBe(200);
  // Requests that come at once are all counted.
  const logins = await Promise.all(
    Array.from({ length: 8 }, () => post('/auth/login', { email: newAddress(), password }, from)),
  );
  expect(logins.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
});

describe('invitations', () => {
  let owner: Person;
  let at: string;
  let roles: Record<string, string>;
  beforeAll(async () => {
    owner = await newPerson();
    at = `/organizations/${owner.organization_id}`;
    const { items } = await owner.api.get<{ items: { id: string; name: string }[] }>(`${at}/roles`);
    roles = Object.fromEntries(items.map(({ name, id }) => [name, id]));
  });
  const invite = (email: string, role = 'member', by = owner.api) =>
    by.request<{ id: string; email: string }>('POST', `${at}/invitations`, { email, role_id: roles[role] });
  const tokenFor = (email: string) => mailedToken(services, email, /^Join/);
  const invitations = async () =>
    (await owner.api.get<{ items: { id: string; email: string }[] }>(`${at}/invitations`)).items;

  test('[ORG-05] a new user registers by the link, and is a verified member at once', async () => {
    const email = newAddress();
    expect(await invite(email.toUpperCase(), 'viewer')).toMatchObject({ status: 201, body: { email, role: 'viewer' } });
    expect((await invite(email)).status).toBe(409);
    expect((await invitations()).map((one) => one.email)).toContain(email);
    const token = await tokenFor(email);
    expect((await post('/invitations/view', { token })).body).toMatchObject({
      organization: 'Theirs',
      role: 'viewer',
      email,
      has_account: false,
    });
    expect((await post('/auth/register', { email: newAddress(), password, invitation: token })).status).toBe(403);
    expect(await post('/auth/register', { email, password, invitation: token })).toMatchObject({
      status: 201,
      body: { is_verified: true },
    });
    const { body } = await signIn(email);
    const theirs = anonymous().as(body.access_token);
    expect(await theirs.get('/auth/me')).toMatchObject({
      is_verified: true,
      organizations: [{ id: owner.organization_id, role: 'viewer' }],
    });
    expect((await invitations()).map((one) => one.email)).not.toContain(email);
    expect((await theirs.request('POST', '/invitations/accept', { token })).status).toBe(400);
    expect((await invite(email)).status).toBe(409);
  });

  test('[ORG-05] a known user accepts once, with the invited address alone', async () => {
    const [person, other] = [await newPerson(), await newPerson({ organization: false })];
    expect((await invite(person.email)).status).toBe(201);
    const token = await tokenFor(person.email);
    const accept = (api: Api) => api.request('POST', '/invitations/accept', { token });
    expect(await accept(other.api)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining(person.email) },
    });
    const answers = await Promise.all([accept(person.api), accept(person.api)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await person.api.request('GET', at)).status).toBe(200);
    expect((await accept(person.api)).status).toBe(400);
  });

  test('[ORG-05] an invitation is sent again, revoked, expires, and gives nothing that the inviter lacks', async () => {
    const email = newAddress();
    const { id } = (await invite(email)).body;
    const view = async (token: string) => (await post('/invitations/view', { token })).status;
    const first = await tokenFor(email);
    expect((await owner.api.request('POST', `${at}/invitations/${id}/resend`)).status).toBe(200);
    const second = await tokenFor(email);
    expect([await view(first), await view(second)]).toEqual([400, 200]);
    await services.store.invitations.renew(
      owner.organization_id,
      id,
      sha256('late'),
      new Date(Date.now() - 1000),
      owner.user_id,
    );
    expect(await view('late')).toBe(400);
    expect((await invitations()).find((one) => one.id === id)).toMatchObject({ is_expired: true });
    await owner.api.request('POST', `${at}/invitations/${id}/resend`);
    expect((await owner.api.request('DELETE', `${at}/invitations/${id}`)).status).toBe(204);
    expect(await view(await tokenFor(email))).toBe(400);
    expect((await owner.api.request('POST', `${at}/invitations/${id}/resend`)).status).toBe(409);

    const [admin, stranger] = [await newPerson({ organization: false }), await newPerson()];
    await owner.api.post(`${at}/members`, { user_id: admin.user_id, role_id: roles.admin });
    expect((await invite(newAddress(), 'owner', admin.api)).status).toBe(403);
    expect((await invite(newAddress(), 'member', admin.api)).status).toBe(201);
    // What an admin has promised lapses with their role, and holds again once somebody else sends it.
    const guest = await newPerson();
    const promised = await invite(guest.email, 'admin', admin.api);
    const { items } = await owner.api.get<{ items: { id: string; user_id: string }[] }>(`${at}/members?limit=200`);
    const membership = items.find(({ user_id }) => user_id === admin.user_id)?.id;
    await owner.api.request('PATCH', `${at}/members/${membership}`, { role_id: roles.viewer });
    const accept = async () => guest.api.request('POST', '/invitations/accept', { token: await tokenFor(guest.email) });
    expect(await accept()).toMatchObject({ status: 403, body: { message: expect.stringContaining('send') } });
    await owner.api.request('POST', `${at}/invitations/${promised.body.id}/resend`);
    expect((await accept()).status).toBe(200);
    for (const path of ['', `/${id}`, `/${id}/resend`])
      expect(
        (await stranger.api.request(path === `/${id}` ? 'DELETE' : 'POST', `${at}/invitations${path}`, {})).status,
      ).toBe(404);
  });
});
