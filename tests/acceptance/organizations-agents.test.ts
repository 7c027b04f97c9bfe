import { newPerson, type Person } from '#tests/support/people.ts';
import { newProject } from '#tests/support/shared.ts';
import { stackServices } from '#tests/support/services.ts';

interface Agent {
  id: string;
  name: string;
  key: string | null;
}
interface Member {
  id: string;
  user_id: string | null;
  agent_id: string | null;
  agent_name: string | null;
  email: string | null;
  role: string;
  is_active: boolean;
}

let owner: Person;
let at: string;
let roles: Record<string, string>;
beforeAll(async () => {
  owner = await newPerson();
  at = `/organizations/${owner.organization_id}`;
  const { items } = await owner.api.get<{ items: { id: string; name: string }[] }>(`${at}/roles`);
  roles = Object.fromEntries(items.map(({ name, id }) => [name, id]));
});

const register = () =>
  owner.api.post<Agent>('/agents/register', { agent_type: 'worker', elsewhere: true, capabilities: ['folding'] });
const add = (body: object, by = owner) => by.api.request('POST', `${at}/members`, body);
const members = async () => (await owner.api.get<{ items: Member[] }>(`${at}/members?limit=200`)).items;
const memberOf = async ({ id }: Agent) => (await members()).find(({ agent_id: agent }) => agent === id);

test('[ORG-04] a registered agent is a member with one role: its key reads what the role reads, and works while the role may', async () => {
  const agent = await register();
  const { id: project_id } = await newProject(owner.api);
  const byKey = owner.api.as(agent.key ?? '');
  const status = async (method: string, path: string, body?: object) =>
    (await byKey.request(method, path, body)).status;
  expect(await status('GET', `/projects/${project_id}`)).toBe(403);

  const { body } = await add({ agent_id: agent.id, role_id: roles.viewer });
  expect(await memberOf(agent)).toMatchObject({
    ...{ id: body.id, user_id: null, email: null, agent_name: agent.name, role: 'viewer', is_active: true },
  });
  expect(await status('GET', `/projects/${project_id}`)).toBe(200);
  expect(await status('GET', `/organizations/${owner.organization_id}`)).toBe(200);
  // A viewer takes no work, and nobody lists the members for it.
  expect(await status('POST', `/agents/${agent.id}/events`)).toBe(403);
  expect(await status('GET', `${at}/members`)).toBe(403);
  expect(await status('GET', `/agents/${agent.id}/work`)).toBe(200);

  const change = (role: string | undefined) =>
    owner.api.request('PATCH', `${at}/members/${String(body.id)}`, { role_id: role });
  expect(await change(roles.admin)).toMatchObject({
    status: 200,
    body: { agent_id: agent.id, user_id: null, role_id: roles.admin },
  });
  expect(await status('GET', `${at}/members`)).toBe(200);
  // It changes nothing but its own work, whatever its role.
  expect(await status('PATCH', `/projects/${project_id}`, { name: 'x' })).toBe(403);
  expect(await status('POST', `${at}/members`, { user_id: owner.user_id, role_id: roles.viewer })).toBe(403);
  const foreign = await newPerson();
  const { id: elsewhere } = await newProject(foreign.api);
  expect(await status('GET', `/projects/${elsewhere}`)).toBe(404);

  expect((await owner.api.request('DELETE', `${at}/members/${String(body.id)}`)).status).toBe(204);
  expect(await memberOf(agent)).toBeUndefined();
  expect(await status('GET', `/projects/${project_id}`)).toBe(403);
  expect(await status('GET', `/agents/${agent.id}/work`)).toBe(200);
});

test('[ORG-04] a registered agent is added once, by who has its role, to its own organization; a member is a person or an agent', async () => {
  const agent = await register();
  const viewer = { role_id: roles.viewer };
  expect((await add({ agent_id: agent.id, ...viewer })).status).toBe(201);
  expect((await add({ agent_id: agent.id, ...viewer })).status).toBe(409);
  for (const both of [viewer, { ...viewer, agent_id: agent.id, user_id: owner.user_id }])
    expect(await add(both)).toMatchObject({ status: 422, body: { details: [{ field: 'user_id' }] } });

  const admin = await newPerson();
  await add({ user_id: admin.user_id, role_id: roles.admin });
  const other = await register();
  expect((await add({ agent_id: other.id, role_id: roles.owner }, admin)).status).toBe(403);
  expect((await add({ agent_id: other.id, role_id: roles.admin }, admin)).status).toBe(201);

  const foreign = await newPerson();
  const theirs = await foreign.api.post<Agent>('/agents/register', { agent_type: 'worker', elsewhere: true });
  expect((await add({ agent_id: theirs.id, ...viewer })).status).toBe(404);
  const ended = await register();
  await owner.api.request('PATCH', `/agents/${ended.id}`, { status: 'terminated' });
  expect((await add({ agent_id: ended.id, ...viewer })).status).toBe(409);
});

test('[ORG-04] a registered agent that owns is not the last owner, and its replacement keeps its membership', async () => {
  const agent = await register();
  const { body } = await add({ agent_id: agent.id, role_id: roles.owner });
  const mine = (await members()).find(({ user_id: user }) => user === owner.user_id);
  expect(await owner.api.request('DELETE', `${at}/members/${mine?.id}`)).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('last owner') },
  });
  const next = await owner.api.post<Agent>(`/agents/${agent.id}/restart`, { reason: 'It hangs.', force: true });
  expect(await memberOf(agent)).toBeUndefined();
  expect(await memberOf(next)).toMatchObject({ id: body.id, role: 'owner', is_active: true });
  // The key went with the place.
  expect((await owner.api.as(agent.key ?? '').request('GET', `${at}/members`)).status).toBe(200);
  expect((await add({ agent_id: agent.id, role_id: roles.viewer })).body.message).toContain(next.id);

  await owner.api.request('PATCH', `/agents/${next.id}`, { status: 'terminated' });
  expect(await memberOf(next)).toMatchObject({ is_active: false });
  expect((await owner.api.request('DELETE', `${at}/members/${String(body.id)}`)).status).toBe(204);

  const { store, close } = await stackServices();
  await store.identity.updateUser(owner.user_id, { is_super_admin: true });
  await close();
  const { items } = await owner.api.get<{ items: { event: string; details: object }[] }>(
    `/auth/audit?user_id=${owner.user_id}&limit=200`,
  );
  const about = items.filter(({ details }) => 'agent_id' in details).map(({ event }) => event);
  expect(about).toEqual(expect.arrayContaining(['member_added', 'member_role_changed', 'member_removed']));
});
