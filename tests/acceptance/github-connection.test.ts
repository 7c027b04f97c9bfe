import { randomInt } from 'node:crypto';
import { oauthUrl } from '#server/contracts/oauth.ts';
import { Browser } from '#tests/support/browser.ts';
import { newPerson, type Person } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';

/** Connects a new account at GitHub to a person. @param scope what it grants instead of all that is asked for. */
async function connect(person: Person, scope?: string, id = String(randomInt(1, 2 ** 40))) {
  const profile = { id, email: `${id}@example.test`, verified: true, ...(scope ? { scope } : {}) };
  const answer = await new Browser().connect(person.api, 'github', profile);
  expect(answer.status).toBe(302);
  return profile;
}

const status = (person: Person) => person.api.get<{ projects: object[] }>('/github/connection-status');

/** The token of a person's connection, as the services open it. */
async function tokenOf(person: Person): Promise<string> {
  const { store, secrets, close } = await stackServices();
  const account = await store.identity.repositoryAccount(person.user_id, 'github');
  await close();
  if (!account) return '';
  const { credential } = account;
  return (JSON.parse(secrets.open(credential, `${person.user_id}:${credential.id}`)) as { access_token: string })
    .access_token;
}

test('[GIT-01] a person connects GitHub with rights to repositories, sees whose token it is, and disconnects', async () => {
  const person = await newPerson();
  expect(await status(person)).toMatchObject({
    available: true,
    connected: false,
    remedy: expect.stringContaining('Connect GitHub'),
  });
  const profile = await connect(person);
  const token = await tokenOf(person);
  expect(token).toMatch(/^eyJ/);
  const shown = await status(person);
  expect(shown).toMatchObject({
    connected: true,
    login: `login-${profile.id}`,
    last_four: token.slice(-4),
    projects: [],
    served_by_installation: [],
    remedy: null,
  });
  expect(JSON.stringify(shown)).not.toContain(token);

  // A sign-in has smaller rights: its token does not take the place of the connection's.
  const { auth_url: url } = await person.api.call(oauthUrl, { params: { provider: 'github' }, query: {} });
  expect(new URL(url).searchParams.get('scope')).toBe('read:user user:email');
  await new Browser().signIn('github', profile);
  expect(await tokenOf(person)).toBe(token);

  expect(await person.api.request('DELETE', '/github/disconnect')).toMatchObject({
    status: 200,
    body: { projects: [] },
  });
  expect(await tokenOf(person)).toBe('');
  expect(await status(person)).toMatchObject({
    connected: false,
    last_four: null,
    remedy: expect.stringContaining('only signs you in'),
  });
  expect((await person.api.request('DELETE', '/github/disconnect')).status).toBe(404);
  // The account still signs in.
  expect(await person.api.get('/auth/oauth/connected')).toMatchObject({ items: [{ login: `login-${profile.id}` }] });
});

test('[GIT-01] an account that grants no rights to repositories is no connection', async () => {
  const person = await newPerson();
  await connect(person, 'read:user user:email');
  expect(await status(person)).toMatchObject({ connected: false });
});

test('[GIT-01] an administrator ends the connection of a person, and nobody else does', async () => {
  const [person, other] = [await newPerson(), await newPerson()];
  const { id } = await connect(person);
  const path = `/github/admin/disconnect/${person.user_id}`;
  for (const forbidden of [path, '/github/admin/disconnect-all'])
    expect((await other.api.request('DELETE', forbidden)).status).toBe(403);
  const { store, close } = await stackServices();
  await store.identity.updateUser(other.user_id, { is_super_admin: true });
  await close();
  expect(await other.api.request('DELETE', path)).toMatchObject({ status: 200, body: { projects: [] } });
  expect((await other.api.request('DELETE', path)).status).toBe(404);
  expect(await status(person)).toMatchObject({ connected: false });
  const { items } = await other.api.get<{ items: { details: object }[] }>(`/auth/audit?user_id=${person.user_id}`);
  expect(items).toContainEqual(
    expect.objectContaining({
      event: 'oauth_disconnected',
      details: { provider: 'github', login: `login-${id}`, projects: 0, by: other.user_id },
    }),
  );
});
