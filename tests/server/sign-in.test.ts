import type { Services } from '#activities/ports/services.ts';
import { createTokens } from '#server/http/tokens.ts';
import { createAuth } from '#server/usecases/auth.ts';
import { jwtSecret } from '#tests/support/stub-app.ts';

/** The row of one sign-in, changed as the database changes it. */
function signIn() {
  const row = {
    id: 's',
    user_id: 'u',
    user: { is_active: true },
    refresh_jti: 'first',
    previous_jti: null as string | null,
    rotated_at: null as Date | null,
    revoked_at: null as Date | null,
  };
  const identity = {
    session: () => Promise.resolve({ ...row }),
    rotateSession: (_id: string, old: string, next: string) => {
      if (row.revoked_at || row.refresh_jti !== old) return Promise.resolve(false);
      Object.assign(row, { refresh_jti: next, previous_jti: old, rotated_at: new Date() });
      return Promise.resolve(true);
    },
    revokeSessions: () => Promise.resolve(void (row.revoked_at = new Date())),
    audit: () => Promise.resolve(),
  };
  const tokens = createTokens(jwtSecret);
  const services = {
    config: { auth: { access_ttl: 900, refresh_ttl: 3600, page_renewal_grace: 10 } },
    bus: { publish: () => undefined },
    store: { identity },
  } as unknown as Services;
  const token = async (jti: string) => (await tokens.sign({ sub: 'u', type: 'refresh', sid: 's', jti }, 60)).token;
  // Two servers with one database.
  return { row, token, tokens, servers: [createAuth(services, tokens), createAuth(services, tokens)] as const };
}

test('two servers that renew for one page at once keep the sign-in, and give one refresh token', async () => {
  const { row, token, tokens, servers } = signIn();
  const first = await token('first');
  const pairs = await Promise.all([servers[0].refreshPage(first), servers[1].refreshPage(first)]);
  const ids = await Promise.all(pairs.map(async (pair) => (await tokens.verify(pair.refresh_token, 'refresh')).jti));
  expect(ids).toEqual([row.refresh_jti, row.refresh_jti]);
  expect(row.revoked_at).toBeNull();
  expect(await servers[1].refreshPage(pairs[0].refresh_token)).toBeDefined();
});

test('a replaced token ends every sign-in when a program sends it, after the grace, and when it is older', async () => {
  const programs = signIn();
  await programs.servers[0].refresh(await programs.token('first'));
  await expect(programs.servers[1].refresh(await programs.token('first'))).rejects.toMatchObject({
    code: 'unauthenticated',
  });
  expect(programs.row.revoked_at).not.toBeNull();

  const late = signIn();
  await late.servers[0].refreshPage(await late.token('first'));
  late.row.rotated_at = new Date(Date.now() - 11_000);
  await expect(late.servers[1].refreshPage(await late.token('first'))).rejects.toThrow('used before');
  expect(late.row.revoked_at).not.toBeNull();

  const older = signIn();
  const { refresh_token: second } = await older.servers[0].refreshPage(await older.token('first'));
  await older.servers[0].refreshPage(second);
  await expect(older.servers[1].refreshPage(await older.token('first'))).rejects.toThrow('used before');
});

test.each([
  [true, 'pending'],
  [false, 'approved'],
])('[AUTH-16] with auth.waitlist %s a new account is %s', async (waitlist, status) => {
  const created: object[] = [];
  const createUser = (user: { email: string }) => {
    created.push(user);
    return Promise.resolve({ ...user, id: 'u', attributes: {}, created_at: new Date() });
  };
  const store = { identity: { createUser, createLink: () => Promise.reject(new Error('full')) } };
  const services = { config: { auth: { waitlist } }, log: { error: () => undefined }, store };
  const auth = createAuth(services as unknown as Services, createTokens(jwtSecret));
  await auth.register({ email: 'ada@example.test', password: 'Correct-horse-7' });
  expect(created).toEqual([expect.objectContaining({ waitlist_status: status })]);
});
