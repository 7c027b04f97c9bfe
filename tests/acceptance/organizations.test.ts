import { randomBytes } from 'node:crypto';
import type { Api } from '#tests/support/api.ts';
import { newPerson, type Person } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { newProject } from '#tests/support/shared.ts';

interface Role {
  id: string;
  name: string;
  permissions: string[];
  all_permissions: string[];
  is_system: boolean;
}
interface Member {
  id: string;
  user_id: string;
  role: string;
}

let owner: Person;
let at: string;
let roles: Record<string, string>;
beforeAll(async () => {
  owner = await newPerson();
  at = `/organizations/${owner.organization_id}`;
  const { items } = await owner.api.get<{ items: Role[] }>(`${at}/roles`);
  roles = Object.fromEntries(items.map(({ name, id }) => [name, id]));
});

const nowhere = '22222222-2222-4222-8222-222222222222';

/** A person with a role in the organization. */
async function member(role: string, by: Api = owner.api) {
  const person = await newPerson({ organization: false });
  const { id } = await by.post<{ id: string }>(`${at}/members`, { user_id: person.user_id, role_id: role });
  return { ...person, member_id: id };
}
const newRole = (fields: object, by: Api = owner.api) => by.request('POST', `${at}/roles`, fields);
const roleName = () => `r${randomBytes(4).toString('hex')}`;

test('[ORG-01] an archived organization accepts no work until its owner restores it', async () => {
  const person = await newPerson();
  const path = `/organizations/${person.organization_id}`;
  const { id: project_id } = await newProject(person.api);
  const ticket = { project_id, title: 'Late', description: 'Too late.', workflow_mode: 'spec_driven' };
  expect((await person.api.request('DELETE', path)).status).toBe(204);
  expect((await person.api.request('DELETE', path)).status).toBe(204);
  expect((await person.api.request('POST', '/tickets', ticket)).status).toBe(409);
  expect((await person.api.request('PATCH', path, { name: 'Late' })).status).toBe(409);
  expect(await person.api.get('/organizations')).toMatchObject({ items: [] });
  expect(await person.api.get('/organizations?include_archived=true')).toMatchObject({
    items: [{ id: person.organization_id, archived_at: expect.any(String) }],
  });
  expect(await person.api.request('POST', `${path}/restore`)).toMatchObject({
    status: 200,
    body: { archived_at: null },
  });
  expect((await person.api.request('POST', '/tickets', ticket)).status).toBe(201);
});

test('[ORG-02] a role may what its permissions say, from the moment it is given', async () => {
  const viewer = await member(roles.viewer as string);
  const { id: project_id } = await newProject(owner.api);
  const ticket = { project_id, title: 'Mine', description: 'To do.', workflow_mode: 'spec_driven' };
  expect((await viewer.api.request('POST', '/tickets', ticket)).status).toBe(403);
  const change = (role: string) =>
    owner.api.request('PATCH', `${at}/members/${viewer.member_id}`, { role_id: roles[role] });
  expect((await change('member')).status).toBe(200);
  expect((await viewer.api.request('POST', '/tickets', ticket)).status).toBe(201);
  expect((await change('viewer')).status).toBe(200);
  expect((await viewer.api.request('POST', '/tickets', ticket)).status).toBe(403);
});

test('[ORG-02] the last owner stays an owner and stays a member', async () => {
  const { items } = await owner.api.get<{ items: Member[] }>(`${at}/members?limit=200`);
  const mine = items.find((one) => one.user_id === owner.user_id) as Member;
  const last = { status: 409, body: { error: 'conflict', message: expect.stringContaining('last owner') } };
  const demote = () => owner.api.request('PATCH', `${at}/members/${mine.id}`, { role_id: roles.viewer });
  expect(await demote()).toMatchObject(last);
  expect(await owner.api.request('DELETE', `${at}/members/me`)).toMatchObject(last);
  expect(await owner.api.request('DELETE', `${at}/members/${mine.id}`)).toMatchObject(last);

  // Two owners who leave at once: one of them stays.
  const person = await newPerson();
  const there = `/organizations/${person.organization_id}`;
  const second = await newPerson({ organization: false });
  await person.api.post(`${there}/members`, { user_id: second.user_id, role_id: roles.owner });
  const left = await Promise.all([person, second].map(({ api }) => api.request('DELETE', `${there}/members/me`)));
  expect(left.map(({ status }) => status).sort()).toEqual([204, 409]);
  const stays = left[0]?.status === 409 ? person : second;
  expect(await stays.api.get(there)).toMatchObject({ owner_id: stays.user_id });
});

test('[ORG-03] a role that inherits viewer and adds ticket:write writes tickets only', async () => {
  const name = roleName();
  const made = await newRole({ name, permissions: ['ticket:write'], inherits_from: roles.viewer });
  expect(made).toMatchObject({ status: 201, body: { name, is_system: false, permissions: ['ticket:write'] } });
  const role = made.body as unknown as Role;
  expect(role.all_permissions).toEqual(expect.arrayContaining(['ticket:write', 'project:read']));
  const writer = await member(role.id);
  const { id: project_id } = await newProject(owner.api);
  const ticket = { project_id, title: 'Mine', description: 'To do.', workflow_mode: 'spec_driven' };
  expect((await writer.api.request('POST', '/tickets', ticket)).status).toBe(201);
  expect((await writer.api.request('GET', `/projects/${project_id}`)).status).toBe(200);
  expect((await writer.api.request('PATCH', `/projects/${project_id}`, { name: 'x' })).status).toBe(403);

  // Taken from the role, it is taken from who has it.
  expect((await owner.api.request('PATCH', `${at}/roles/${role.id}`, { permissions: [] })).status).toBe(200);
  expect((await writer.api.request('POST', '/tickets', ticket)).status).toBe(403);
  expect((await owner.api.request('DELETE', `${at}/roles/${role.id}`)).status).toBe(409);
  expect((await owner.api.request('DELETE', `${at}/members/${writer.member_id}`)).status).toBe(204);
  expect((await writer.api.request('GET', `/projects/${project_id}`)).status).toBe(404);
  expect((await owner.api.request('DELETE', `${at}/roles/${role.id}`)).status).toBe(204);
});

test('[ORG-03] nobody grants what they lack, to a role or to a member', async () => {
  const admin = await member(roles.admin as string);
  for (const fields of [
    { name: roleName(), permissions: ['org:*'] },
    { name: roleName(), permissions: [], inherits_from: roles.owner },
    { name: roleName(), permissions: ['*:*'] },
  ])
    expect(await newRole(fields, admin.api)).toMatchObject({ status: 403 });
  const strong = (await newRole({ name: roleName(), permissions: ['org:*'] })).body as unknown as Role;
  const heir = (await newRole({ name: roleName(), permissions: [], inherits_from: strong.id })).body as unknown as Role;
  for (const role of [strong, heir]) {
    expect((await admin.api.request('PATCH', `${at}/roles/${role.id}`, { permissions: [] })).status).toBe(403);
    const person = await newPerson({ organization: false });
    const add = { user_id: person.user_id, role_id: role.id };
    expect((await admin.api.request('POST', `${at}/members`, add)).status).toBe(403);
  }
  const { items } = await owner.api.get<{ items: Member[] }>(`${at}/members?limit=200`);
  const theOwner = items.find((one) => one.role === 'owner') as Member;
  expect((await admin.api.request('PATCH', `${at}/members/${theOwner.id}`, { role_id: roles.viewer })).status).toBe(
    403,
  );
  expect((await admin.api.request('DELETE', `${at}/members/${theOwner.id}`)).status).toBe(403);
  const own = { role_id: roles.owner };
  expect((await admin.api.request('PATCH', `${at}/members/${admin.member_id}`, own)).status).toBe(403);
  expect((await admin.api.request('DELETE', `${at}/roles/${heir.id}`)).status).toBe(403);
});

test('[ORG-03] roles of the system are fixed; names are taken once; a circle and an unknown permission are refused', async () => {
  for (const id of Object.values(roles)) {
    expect((await owner.api.request('PATCH', `${at}/roles/${id}`, { permissions: [] })).status).toBe(400);
    expect((await owner.api.request('DELETE', `${at}/roles/${id}`)).status).toBe(400);
  }
  const first = (await newRole({ name: roleName(), permissions: [] })).body as unknown as Role;
  const second = (await newRole({ name: roleName(), permissions: [], inherits_from: first.id }))
    .body as unknown as Role;
  for (const name of [first.name, 'owner'])
    expect(await newRole({ name, permissions: [] })).toMatchObject({
      status: 409,
      body: { details: [{ field: 'name' }] },
    });
  expect(await owner.api.request('PATCH', `${at}/roles/${first.id}`, { inherits_from: second.id })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'inherits_from' }] },
  });
  expect((await owner.api.request('DELETE', `${at}/roles/${first.id}`)).status).toBe(409);
  expect(await newRole({ name: roleName(), permissions: ['ticket:fly'] })).toMatchObject({ status: 422 });
  const foreign = (await newPerson()).organization_id;
  expect((await owner.api.request('GET', `/organizations/${foreign}/roles`)).status).toBe(404);
  for (const [method, body] of [
    ['PATCH', { permissions: [] }],
    ['DELETE', undefined],
  ] as const)
    expect((await owner.api.request(method, `${at}/roles/${nowhere}`, body)).status).toBe(404);
  const custom = await owner.api.get<{ items: Role[] }>(`${at}/roles?include_system=false&limit=200`);
  expect(custom.items.filter((role) => role.is_system)).toEqual([]);
  expect(custom.items.map(({ id }) => id)).toEqual(expect.arrayContaining([first.id, second.id]));
});

test('[ORG-04] a user is a member once; a role of another organization is not found; nobody else is removed', async () => {
  const person = await member(roles.member as string);
  const add = (body: object) => owner.api.request('POST', `${at}/members`, body);
  expect((await add({ user_id: person.user_id, role_id: roles.viewer })).status).toBe(409);
  expect((await add({ user_id: person.user_id, agent_id: 'a', role_id: roles.viewer })).status).toBe(422);
  const other = await newPerson();
  const foreign = await other.api.request('POST', `/organizations/${other.organization_id}/roles`, {
    name: roleName(),
    permissions: [],
  });
  const foreignRole = (foreign.body as unknown as Role).id;
  expect((await add({ user_id: other.user_id, role_id: foreignRole })).status).toBe(404);
  expect((await add({ user_id: nowhere, role_id: roles.viewer })).status).toBe(404);
  const { items } = await other.api.get<{ items: Member[] }>(`/organizations/${other.organization_id}/members`);
  expect((await owner.api.request('DELETE', `${at}/members/${items[0]?.id}`)).status).toBe(404);
  // Their key ends with their membership.
  const { key } = await person.api.post<{ key: string }>('/auth/api-keys', {
    name: 'k',
    scopes: ['project:read'],
    organization_id: owner.organization_id,
  });
  const byKey = person.api.as(key);
  expect((await byKey.request('GET', '/projects')).status).toBe(200);
  expect((await person.api.request('DELETE', `${at}/members/me`)).status).toBe(204);
  expect([403, 404, 400]).toContain((await byKey.request('GET', '/projects')).status);
  expect((await person.api.request('GET', at)).status).toBe(404);
});

test('[ORG-04] an added person hears of it, calls without an organization mean theirs as before, and they leave', async () => {
  const person = await newPerson();
  const add = { user_id: person.user_id, role_id: roles.member };
  await owner.api.post(`${at}/members`, add);
  const mine = await person.api.post<{ organization_id: string }>('/projects', {
    ...{ name: 'mine', repository: { path: new TestRepository().path } },
  });
  expect(mine.organization_id).toBe(person.organization_id);
  const counted = await person.api.get<{ items: { id: string; member_count: number }[] }>('/organizations');
  expect(counted.items.find(({ id }) => id === person.organization_id)).toMatchObject({ member_count: 1 });
  const { store, close } = await stackServices();
  const { items } = await store.mails.list({ limit: 200 });
  await close();
  expect(items.filter(({ recipient, subject }) => recipient === person.email && /member/.test(subject))).toMatchObject([
    { subject: 'You are a member of Theirs at OmoiOS', text: expect.stringContaining(`${at}/members`) },
  ]);
  expect((await person.api.request('DELETE', `${at}/members/me`)).status).toBe(204);
});

test('[AUTH-17] keys, roles, members and organizations are on record, with who changed them', async () => {
  const [person, other] = [await newPerson(), await newPerson({ organization: false })];
  const { api } = person;
  const at = `/organizations/${person.organization_id}`;
  const key = await api.post<{ id: string }>('/auth/api-keys', { name: 'k', scopes: [] });
  await api.request('DELETE', `/auth/api-keys/${key.id}`);
  const role = await api.post<{ id: string }>(`${at}/roles`, { name: 'helper', permissions: ['org:read'] });
  await api.request('PATCH', `${at}/roles/${role.id}`, { permissions: [] });
  const member = await api.post<{ id: string }>(`${at}/members`, { user_id: other.user_id, role_id: role.id });
  await api.request('DELETE', `${at}/members/${member.id}`);
  await api.request('DELETE', `${at}/roles/${role.id}`);
  await api.request('PATCH', at, { name: 'Ours', billing_email: null });
  await api.request('DELETE', at);
  await api.request('POST', `${at}/restore`);
  const { store, close } = await stackServices();
  await store.identity.updateUser(person.user_id, { is_super_admin: true });
  await close();
  const { items } = await api.get<{ items: { event: string; email: string; details: object }[] }>(
    `/auth/audit?user_id=${person.user_id}&limit=200`,
  );
  const acts = items.filter(({ event }) => /^(api_key|role|member|organization)_/.test(event)).toReversed();
  expect(acts.map(({ event }) => event)).toEqual([
    'api_key_created',
    'api_key_revoked',
    'role_created',
    'role_changed',
    'member_added',
    'member_removed',
    'role_deleted',
    'organization_updated',
    'organization_archived',
    'organization_restored',
  ]);
  for (const { email, details } of acts) {
    expect(email).toBe(person.email);
    expect(details).toMatchObject({ organization_id: person.organization_id });
  }
});
