import type { getRun } from '#server/contracts/runs.ts';
import type { createCredential } from '#server/contracts/credentials.ts';
import type { Answer } from '#server/contracts/client.ts';
import { newPerson, type Person } from '#tests/support/people.ts';
import { newWord, PlayedModel, type Played, type Reply } from '#tests/support/played-model.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { newProject } from '#tests/support/shared.ts';

type Run = Answer<typeof getRun>;
type Key = Answer<typeof createCredential>;

const work = (request: Played): Reply =>
  answerValue(request) ??
  (request.context.kind === 'validation'
    ? reviewPasses(request)
    : finishTask(request, { 'src/double.js': 'export const double = (n) => 2 * n;\n' }));

/** A provider that a person names by its address. */
async function provider(script: (request: Played) => Reply = work) {
  const model = await new PlayedModel(script).start();
  return { model, base_url: model.url.replace('127.0.0.1', 'localhost') };
}

const keys = ({ organization_id: id }: Person) => `/organizations/${id}/credentials`;
const newKey = (name: string, api_key: string, base_url: string, more: object = {}) => ({
  provider: 'anthropic',
  name,
  api_key,
  base_url,
  model: 'claude-sonnet-5-5',
  ...more,
});

/** Starts a task. Its project belongs to the first organization of the person. */
async function start({ api }: Person): Promise<{ ticket: string; project: string }> {
  const project = await newProject(api);
  const ticket = await api.post<{ id: string }>('/tickets', {
    project_id: project.id,
    title: `Add a function that doubles ${newWord()}`,
    description: 'double(n) in src/double.js',
    workflow_mode: 'quick',
  });
  return { ticket: ticket.id, project: project.id };
}
const ends = ({ api }: Person, project: string) =>
  api.until<{ items: { body: string }[] }>(`/pull-requests?project_id=${project}`, ({ items }) => items.length > 0);
const runOf = async ({ api }: Person, ticket: string, state: (run: Run) => boolean = () => true) => {
  const { items } = await api.until<{ items: Run[] }>(
    `/runs?ticket_id=${ticket}`,
    ({ items: [run] }) => !!run && state(run),
  );
  return api.get<Run>(`/runs/${items[0]?.id}`);
};

test('[CONF-04] each organization pays with its own key, a person with theirs before it, and costs name the key by its id', async () => {
  const people = [await newPerson(), await newPerson()] as const;
  const providers = [await provider(), await provider()] as const;
  const made: Key[] = [];
  for (const at of [0, 1] as const) {
    const key = newKey('Work', `key-of-organization-${at}`, providers[at].base_url);
    made.push(await people[at].api.post<Key>(keys(people[at]), key));
  }
  expect(made[0]).toMatchObject({ name: 'Work', last_four: 'on-0', is_default: true });
  expect(JSON.stringify(await people[0].api.get(keys(people[0])))).not.toContain('key-of-organization-0');

  const started = [await start(people[0]), await start(people[1])] as const;
  for (const at of [0, 1] as const) {
    await ends(people[at], started[at].project);
    expect([...providers[at].model.keys]).toEqual([`key-of-organization-${at}`]);
    const records = await people[at].api.all<{ model_key_id: string }>('/costs/records');
    expect(records.length).toBeGreaterThan(3);
    expect(new Set(records.map((record) => record.model_key_id))).toEqual(new Set([made[at]?.id]));
  }

  const own = await provider();
  const theirs = await people[0].api.post<Key>('/auth/credentials', newKey('Mine', 'key-of-a-person', own.base_url));
  const { ticket, project } = await start(people[0]);
  expect((await runOf(people[0], ticket, (run) => run.turn > 0)).model_key).toMatchObject({
    id: theirs.id,
    owner: 'user',
  });
  await ends(people[0], project);
  expect([...own.model.keys]).toEqual(['key-of-a-person']);
  for (const { model } of [...providers, own]) await model.stop();
});

test('[CONF-04] a key that its provider refuses stops runs with its name, and they continue when a person replaces it', async () => {
  const person = await newPerson();
  let valid = false;
  const { model, base_url } = await provider((request) =>
    valid
      ? work(request)
      : { status: 401, error: { type: 'authentication_error', message: 'invalid x-api-key old-key-1' } },
  );
  const key = await person.api.post<Key>(keys(person), newKey('Team', 'old-key-1', base_url));
  const { ticket, project } = await start(person);
  const run = await runOf(person, ticket, ({ status }) => status === 'paused');
  expect(run.waiting_reason).toContain('invalid x-api-key [redacted]');
  expect(run.waiting_reason).toContain('Fix the key “Team” of the organization (page Model keys)');
  expect(run.model_key).toMatchObject({ id: key.id, name: 'Team', last_four: 'ey-1' });
  valid = true;
  await person.api.ok('PATCH', `${keys(person)}/${key.id}`, { api_key: 'new-key-2' });
  await ends(person, project);
  expect([...model.keys]).toEqual(['old-key-1', 'new-key-2']);
  await model.stop();
});

test('[CONF-04] a key is changed by its owner alone, and another address needs the key again', async () => {
  const [owner, stranger] = [await newPerson(), await newPerson()];
  const key = newKey('Work', 'secret-key-1', 'https://gateway.example.com/anthropic');
  const first = await owner.api.post<Key>(keys(owner), key);
  const second = await owner.api.post<Key>(keys(owner), { ...key, name: 'Spare', is_default: true });
  const listed = await owner.api.get<{ allowed: boolean; items: Key[] }>(keys(owner));
  expect(listed.allowed).toBe(true);
  expect(listed.items.map(({ name, is_default }) => [name, is_default])).toEqual([
    ['Work', false],
    ['Spare', true],
  ]);
  const patch = (by: Person, id: string, body: object) => by.api.request('PATCH', `${keys(owner)}/${id}`, body);
  expect((await patch(stranger, first.id, { name: 'Mine' })).status).toBe(404);
  expect((await owner.api.request('PATCH', `/auth/credentials/${first.id}`, { name: 'Mine' })).status).toBe(404);
  expect(await patch(owner, first.id, { base_url: 'https://other.example.com' })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('api_key must be entered again') },
  });
  expect(await owner.api.request('POST', keys(owner), { ...key, base_url: 'https://169.254.169.254/' })).toMatchObject({
    status: 400,
    body: { message: expect.stringMatching(/^base_url .*private network/) },
  });
  expect((await owner.api.request('POST', keys(owner), { ...key, api_key: 'with space inside' })).status).toBe(422);
  await owner.api.ok('PATCH', `${keys(owner)}/${first.id}`, { is_default: true });
  await owner.api.ok('DELETE', `${keys(owner)}/${second.id}`);
  expect((await owner.api.get<{ items: Key[] }>(keys(owner))).items).toMatchObject([
    { id: first.id, is_default: true },
  ]);
});
