import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { TOTP, Secret } from 'otpauth';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';
import { createSecretBox } from '#activities/services/secret-box.ts';
import { openDatabaseClient } from '#prisma/client.ts';
import { Api } from './api.ts';
import { serveRepository } from './git-host.ts';
import type { Github } from './github.ts';
import { asPerson } from './identity-providers.ts';
import { TestRepository } from './repository.ts';
import { connectToTemporal } from './temporal.ts';
import type { TestStack } from './stack.ts';

/** A text that no pattern of known credentials matches. */
const unlikely = (what: string) => `planted-${what}-${randomBytes(8).toString('hex')}`;

/** Signs in at GitHub and connects the account, as one browser does. @returns the access token of its user. */
async function connectGithub(url: string): Promise<string> {
  const profile = { id: '4711', email: `${randomBytes(6).toString('hex')}@example.test`, verified: true };
  const cookies = (answer: Response) =>
    answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  const back = async (authUrl: string, cookie: string) => {
    const agreed = await fetch(asPerson(authUrl, profile), { redirect: 'manual' });
    const { pathname, search } = new URL(agreed.headers.get('location') ?? '');
    const answer = await fetch(`${url}${pathname}${search}`, { redirect: 'manual', headers: { cookie } });
    if (answer.status !== 302) throw new Error(`The sign-in failed: ${answer.status} ${await answer.text()}`);
    return cookies(answer);
  };
  const begun = await fetch(`${url}/api/v1/auth/oauth/github?to=/runs`, { redirect: 'manual' });
  const signedIn = await back(begun.headers.get('location') ?? '', cookies(begun));
  const token = /omoios_access_token=([^;]+)/.exec(signedIn)?.[1] ?? '';
  const connect = await fetch(`${url}/api/v1/auth/oauth/github/connect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{}',
  });
  const { auth_url: authUrl } = (await connect.json()) as { auth_url: string };
  await back(authUrl, cookies(connect));
  return token;
}

const database = ({ address }: TestStack) =>
  openDatabaseClient({ url: embeddedDatabaseUrl(address.dataDir), pool: 1, pool_timeout: 10, command_timeout: 30 });

/**
 * Gives the stack a secret of each kind, with its owner's organization as the one that works.
 * @param model the own key's provider, and its address. @param github which the stack has as code host.
 * @returns the secrets by what they are, and a sign-in that needs the stored second factor.
 */
export async function plantSecrets(
  stack: TestStack,
  secretsKey: string,
  model: { provider: string; base_url: string },
  github: Github,
) {
  const { api } = stack;
  const { url } = stack.address;
  const modelKey = unlikely('model-key');
  const { items: own } = await api.get<{ items: { id: string }[] }>('/organizations');
  await api.post(`/organizations/${own[0]?.id}/credentials`, { ...model, name: 'Planted', api_key: modelKey });
  const token = unlikely('token');
  const host = await serveRepository({ username: 'x', password: token });
  await api.post('/projects', { name: 'remote', repository: { url: host.url.replace('//', `//x:${token}@`) } });
  host.close();

  const anonymous = new Api(url, undefined);
  const email = `${randomBytes(6).toString('hex')}@example.test`;
  const password = `Aa7!${unlikely('password')}`;
  await anonymous.post('/auth/register', { email, password });
  const tokens = await anonymous.post<{ access_token: string; refresh_token: string }>('/auth/login', {
    email,
    password,
  });
  const person = anonymous.as(tokens.access_token);
  const { id: theirs } = await person.post<{ id: string }>('/organizations', {
    name: 'Theirs',
    slug: randomBytes(6).toString('hex'),
  });
  const { key } = await person.post<{ key: string }>('/auth/api-keys', {
    name: 'planted',
    scopes: ['org:read'],
    organization_id: theirs,
  });
  const { secret } = await person.post<{ secret: string }>('/auth/second-factor/enrol', { password });
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  const { recovery_codes: recovery } = await person.post<{ recovery_codes: string[] }>('/auth/second-factor/confirm', {
    code: app.generate(),
  });

  const connected = anonymous.as(await connectGithub(url));
  github.host('acme/planted', new TestRepository().path);
  github.grant('login-4711', 'acme/planted');
  await connected.post('/organizations', { name: 'Connected', slug: randomBytes(6).toString('hex') });
  const project = await connected.post<{ id: string }>('/projects', {
    name: 'connected',
    repository: { github: 'acme/planted' },
  });
  await connected.post(`/github/sync?project_id=${project.id}`, {});
  await connected.get('/github/repos');
  const db = database(stack);
  const row = await db.prisma.credential.findFirstOrThrow({ where: { kind: 'oauth' } });
  await db.close();
  const oauth = JSON.parse(createSecretBox(secretsKey).open(row, `${row.user_id}:${row.id}`)) as object;

  const secrets: Record<string, string> = {
    'own model key': modelKey,
    'repository token': token,
    password,
    'access token': tokens.access_token,
    'refresh token': tokens.refresh_token,
    'API key': key,
    'second factor': secret,
    'recovery code': recovery[0] ?? '',
    'OAuth token': String((oauth as { access_token?: string }).access_token),
    'secret of a webhook': github.hooks[0]?.config.secret ?? 'none',
    'key of stored secrets': secretsKey,
  };
  const codes = recovery.slice(1);
  /** Signs in with a recovery code, before which the secret of the authenticator app is read. */
  const signIn = async () => {
    const { challenge } = await anonymous.post<{ challenge: string }>('/auth/login', { email, password });
    const code = codes.pop();
    return (await anonymous.request('POST', '/auth/second-factor', { challenge, code })).status;
  };
  return { secrets, signIn };
}

/** Where each of these texts is: tables, histories of workflows, and files of the stack such as logs. */
export async function findTexts(stack: TestStack, texts: Record<string, string>): Promise<string[]> {
  const found: string[] = [];
  const look = (place: string, content: string) => {
    for (const [name, text] of Object.entries(texts)) if (content.includes(text)) found.push(`${name}: ${place}`);
  };
  const db = database(stack);
  const tables = await db.prisma.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`;
  for (const { name } of tables)
    for (const { row } of await db.prisma.$queryRawUnsafe<{ row: string }[]>(
      `SELECT t::text AS row FROM "${name}" t WHERE t::text LIKE ANY ($1)`,
      Object.values(texts).map((text) => `%${text.replace(/[%_\\]/g, '\\$&')}%`),
    ))
      look(`table ${name}`, row);
  await db.close();

  const temporal = await connectToTemporal(stack.address.temporalAddress);
  for await (const { workflowId, runId } of temporal.client.workflow.list()) {
    const history = await temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
    look(`history ${workflowId}`, textsIn(history).join('\n'));
  }
  await temporal.close();

  for (const [name, text] of Object.entries(texts))
    try {
      const files = execFileSync('grep', ['-rlaF', '--', text, stack.address.dataDir], { encoding: 'utf8' });
      found.push(
        ...files
          .trim()
          .split('\n')
          .map((file) => `${name}: file ${file.slice(stack.address.dataDir.length + 1)}`),
      );
    } catch {
      // No file has it.
    }
  look('output', stack.said);
  return [...new Set(found)];
}

/** All texts of a history, also those in the bytes of its payloads. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Buffer.isBuffer(value) || ArrayBuffer.isView(value)) return [Buffer.from(value as Uint8Array).toString()];
  return value && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}
