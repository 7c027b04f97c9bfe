import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { identityProviders } from '#activities/adapters/identity-provider/index.ts';
import type { ProviderTokens } from '#activities/ports/identity-provider.ts';
import { keyContext } from '#activities/ports/secrets.ts';
import { accountTokens } from '#activities/services/account-tokens.ts';
import { loadConfig } from '#activities/services/config.ts';
import { createSecretBox } from '#activities/services/secret-box.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { openStore } from '#tests/support/own-store.ts';

/* GitHub's tokens of people who connect by the client of an App live for 8 hours. */

let store: ReturnType<typeof openStore>;
let close: () => Promise<void>;
const secrets = createSecretBox('a secret of this test');

/** GitHub's tokens: each refresh token is valid once. `down`: it does not answer. */
const github = { valid: new Set<string>(), spent: [] as string[], down: false };
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const given = new URLSearchParams(body).get('refresh_token') ?? '';
    github.spent.push(given);
    if (github.down) return response.writeHead(502).end('Bad gateway');
    const isValid = github.valid.delete(given);
    const number = github.spent.length;
    github.valid.add(`ghr_${number}`);
    const next = { access_token: `ghu_${number}`, expires_in: 28_800, refresh_token: `ghr_${number}` };
    const answer = isValid
      ? { ...next, refresh_token_expires_in: 15_897_600, token_type: 'bearer', scope: '' }
      : { error: 'bad_refresh_token', error_description: 'The refresh token passed is incorrect or expired.' };
    // GitHub refuses with status 200.
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)), 300);
  });
});

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-tokens-'));
  const database = await openDatabase({ socketDir: folder });
  await applyMigrations(database.url);
  store = openStore(database.url);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = async () => {
    server.close();
    await store.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());

/** The tokens as one process of the platform has them. */
function process() {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oauth = { github_client_id: 'id', github_client_secret: 'secret', github_url: url };
  return accountTokens(store, secrets, identityProviders(loadConfig({ oauth }, {}).oauth));
}

async function connect(tokens: ProviderTokens) {
  const id = randomUUID();
  const { id: userId } = await store.identity.createUser({ email: `${id}@example.test`, hashed_password: null });
  const sealed = secrets.seal(JSON.stringify(tokens), keyContext({ id, organization_id: null, user_id: userId }));
  await store.identity.connectOauth({
    ...{ user_id: userId, provider: 'github', provider_user_id: id, login: 'ada', email: null },
    credential: { id, ...sealed },
    repositories: { repositories_at: new Date(), last_four: tokens.access_token.slice(-4) },
  });
  return { id, userId };
}
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

async function stored(id: string): Promise<Partial<ProviderTokens> | undefined> {
  const account = await store.identity.accountOfCredential(id);
  if (!account) return undefined;
  expect(account.credential.sealed).not.toContain('gh');
  return JSON.parse(secrets.open(account.credential, keyContext(account.credential))) as ProviderTokens;
}

test('[GIT-01] a token is renewed once before its end, also by many callers of several processes', async () => {
  github.valid.add('ghr_first');
  const tokens = { access_token: 'ghu_first', refresh_token: 'ghr_first', expires_at: soon(60_000) };
  const { id } = await connect(tokens);
  const processes = [process(), process(), process()];
  const given = await Promise.all(processes.flatMap((tokenOf) => [1, 2, 3, 4].map(() => tokenOf(id))));
  expect([...new Set(given)]).toEqual(['ghu_1']);
  expect(github.spent).toEqual(['ghr_first']);
  expect(await stored(id)).toMatchObject({ access_token: 'ghu_1', refresh_token: 'ghr_1' });
  // One that lasts is not renewed.
  expect(await process()(id)).toBe('ghu_1');
  expect(github.spent).toHaveLength(1);
  expect((await store.identity.accountOfCredential(id))?.last_four).toBe('hu_1');
});

test('[GIT-01] without an answer the connection stays, and a refused refresh token ends it', async () => {
  const tokens = { access_token: 'ghu_old', refresh_token: 'ghr_revoked', expires_at: soon(-1000) };
  const { id, userId } = await connect(tokens);
  github.down = true;
  await expect(process()(id)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^(?!.*ghr_)/),
  });
  expect(await stored(id)).toEqual(tokens);
  github.down = false;
  expect(await process()(id)).toBeUndefined();
  expect(await stored(id)).toBeUndefined();
  expect(await store.identity.repositoryAccount(userId, 'github')).toBeNull();
});
