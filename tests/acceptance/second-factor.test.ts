import { setTimeout as sleep } from 'node:timers/promises';
import { Secret, TOTP } from 'otpauth';
import { removeSecondFactor } from '#activities/services/admin.ts';
import { Api } from '#tests/support/api.ts';
import { newPerson, password } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { shared } from '#tests/support/shared.ts';

const anonymous = () => new Api(shared.url, undefined);
const signIn = (email: string, secret = password) =>
  anonymous().request('POST', '/auth/login', { email, password: secret });
const statusOf = async (token: string) => (await anonymous().as(token).request('GET', '/auth/me')).status;

/** A person with an authenticator app. `code` gives the code of now, or of so many steps later. */
async function withSecondFactor() {
  const person = await newPerson({ organization: false });
  const { api } = person;
  expect(await api.request('POST', '/auth/second-factor/enrol', { password: 'Wrong-horse-7' })).toMatchObject({
    status: 400,
    body: { details: [{ field: 'password' }] },
  });
  expect((await api.request('POST', '/auth/second-factor/enrol', {})).status).toBe(400);
  const given = await api.post<{ secret: string; url: string; qr_svg: string }>('/auth/second-factor/enrol', {
    password,
  });
  expect(given).toMatchObject({
    url: expect.stringMatching(/^otpauth:\/\/totp\/OmoiOS/),
    qr_svg: expect.stringMatching(/^<svg/),
  });
  const app = new TOTP({ secret: Secret.fromBase32(given.secret) });
  const code = (later = 0) => app.generate({ timestamp: Date.now() + later * 30_000 });
  // Nothing is asked for before the first code is confirmed.
  expect((await signIn(person.email)).status).toBe(200);
  expect((await api.request('POST', '/auth/second-factor/confirm', { code: 'abcdef' })).status).toBe(400);
  const first = code();
  const { recovery_codes: recovery } = await api.post<{ recovery_codes: string[] }>('/auth/second-factor/confirm', {
    code: first,
  });
  return { ...person, secret: given.secret, code, first, recovery };
}
const pass = (challenge: string, code: string) =>
  anonymous().request<{ access_token: string }>('POST', '/auth/second-factor', { challenge, code });
const challenged = async (email: string) => {
  const { status, body } = await signIn(email);
  expect([status, Object.keys(body)]).toEqual([202, ['challenge', 'expires_in']]);
  return String(body.challenge);
};

test('[AUTH-03] with a second factor a sign-in needs a code, which works once, or a recovery code', async () => {
  const { email, api, code, first, recovery, secret, user_id } = await withSecondFactor();
  expect(new Set(recovery).size).toBe(10);
  expect((await api.request('POST', '/auth/second-factor/enrol', { password })).status).toBe(409);
  const challenge = await challenged(email);
  // The code that confirmed the app is used up.
  expect((await pass(challenge, first)).status).toBe(401);
  const next = code(1);
  const passed = await Promise.all([pass(challenge, next), pass(challenge, next)]);
  expect(passed.map(({ status }) => status).sort()).toEqual([200, 401]);
  expect(await statusOf(passed.find(({ status }) => status === 200)?.body.access_token ?? '')).toBe(200);
  expect((await pass(challenge, recovery[0] as string)).status).toBe(401);
  expect((await pass(await challenged(email), next)).status).toBe(401);

  const upper = (recovery[0] as string).toUpperCase().replaceAll('-', ' ');
  expect((await pass(await challenged(email), upper)).status).toBe(200);
  expect((await pass(await challenged(email), recovery[0] as string)).status).toBe(401);
  expect(await api.get('/auth/second-factor')).toMatchObject({ enabled: true, recovery_codes_left: 9 });

  const link = (await api.post<{ url: string }>('/auth/links')).url.split('token=')[1];
  expect((await anonymous().request('POST', '/auth/link', { token: link })).status).toBe(202);

  const waits = await challenged(email);
  await api.post('/auth/change-password', { current_password: password, new_password: 'Another-horse-8' });
  expect((await pass(waits, recovery[1] as string)).status).toBe(401);

  const { store, close } = await stackServices();
  const { items } = await store.identity.auditTrail({ user_id }, { limit: 50 });
  expect(items.map(({ event, details }) => [event, details])).toEqual(
    expect.arrayContaining([
      ['second_factor_enabled', {}],
      ['login_success', { method: 'password', second_factor: 'authenticator' }],
      ['login_success', { method: 'password', second_factor: 'recovery_code' }],
      ['login_failed', { step: 'second_factor' }],
    ]),
  );
  const stored = JSON.stringify(await store.identity.secondFactor(user_id));
  for (const shown of [secret, ...recovery]) expect(stored).not.toContain(shown);
  expect([await removeSecondFactor(store, email), await removeSecondFactor(store, email)]).toMatchObject([
    { removed: true },
    { removed: false },
  ]);
  expect((await signIn(email, 'Another-horse-8')).status).toBe(200);
  await close();
});

test('[AUTH-03] guessed codes lock the address, also between right passwords; a second factor ends by password and code', async () => {
  const { email, api, code, recovery } = await withSecondFactor();
  const statuses: number[] = [];
  for (let i = 0; i < 5; i += 1) statuses.push((await pass(await challenged(email), '000000')).status);
  expect([statuses, (await signIn(email)).status]).toEqual([[401, 401, 401, 401, 401], 429]);
  const disable = (proof: object) => api.request<{ message: string }>('POST', '/auth/second-factor/disable', proof);
  expect((await disable({ password, code: '000000' })).status).toBe(429);
  await sleep(2500);
  expect((await pass(await challenged(email), code(1))).status).toBe(200);
  // A stolen sign-in has neither; who knows the password has no code.
  for (const [proof, message] of [
    [{}, /^The password is missing/],
    [{ password }, /^The code is missing: .* recovery code/],
    [{ code: recovery[3] }, /^The password is missing/],
    [{ password: 'Wrong-horse-7', code: recovery[3] }, /^The password is wrong/],
    [{ password, code: '000000' }, /^The code is wrong/],
  ] as const)
    expect(await disable(proof)).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(message) as string },
    });
  expect((await disable({ password, code: recovery[3] })).status).toBe(204);
  expect([(await signIn(email)).status, (await api.get('/auth/second-factor')).enabled]).toEqual([200, false]);
  expect((await api.request('POST', '/auth/second-factor/disable', { password })).status).toBe(400);
});
