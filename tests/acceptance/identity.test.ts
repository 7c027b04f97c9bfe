import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '#tests/support/api.ts';
import { newPerson, password } from '#tests/support/people.ts';
import { api, newProject, shared } from '#tests/support/shared.ts';

const anonymous = () => new Api(shared.url, undefined);
const newEmail = () => `${randomBytes(6).toString('hex')}@Example.test`;

describe('who may do what', () => {
  test('[AUTH-01] an address registers once, however it is written', async () => {
    const email = newEmail();
    const first = await anonymous().request('POST', '/auth/register', {
      email,
      password,
      full_name: 'Ada',
      department: 'Research',
      referral_source: 'a friend',
    });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      email: email.toLowerCase(),
      full_name: 'Ada',
      department: 'Research',
      is_active: true,
      is_super_admin: false,
      avatar_url: null,
      attributes: {},
    });
    expect(Object.keys(first.body)).toEqual(
      expect.arrayContaining(['id', 'is_verified', 'waitlist_status', 'created_at']),
    );
    expect(JSON.stringify(first.body)).not.toMatch(/hash|token|password/);
    for (const again of [email, email.toUpperCase(), email.toLowerCase()]) {
      expect(await anonymous().request('POST', '/auth/register', { email: again, password })).toMatchObject({
        status: 400,
        body: { error: 'invalid_rule', details: [{ field: 'email' }] },
      });
    }
    const weak = await anonymous().request('POST', '/auth/register', { email: newEmail(), password: 'short' });
    expect(weak.status).toBe(422);
    expect((weak.body.details as { message: string }[]).map((detail) => detail.message)).toEqual(
      expect.arrayContaining(['needs 8 to 100 characters', 'needs a digit']),
    );
  });

  test('[AUTH-04] an operator creates an administrator and verifies accounts on the database; one that is not verified reads', async () => {
    const admin = (...args: string[]) =>
      JSON.parse(
        execFileSync(process.execPath, ['scripts/cli/omoios.js', 'admin', ...args, '--json'], {
          encoding: 'utf8',
          env: { ...process.env, OMOIOS_DATA_DIR: shared.dataDir, OMOIOS_API: 'http://127.0.0.1:9' },
        }),
      ) as Record<string, string>;
    const first = admin('create', newEmail());
    const pair = await anonymous().post<{ access_token: string }>('/auth/login', {
      email: first.email,
      password: first.password,
    });
    const me = await anonymous().as(pair.access_token).get('/auth/me');
    expect(me).toMatchObject({ id: first.user_id, is_verified: true, is_super_admin: true });
    expect(admin('create', first.email ?? '')).toEqual({ ...first, password: null });

    const person = await newPerson();
    expect(await person.api.get('/auth/me')).toMatchObject({ is_verified: false });
    expect((await person.api.request('GET', '/projects')).status).toBe(200);
    expect(admin('verify', person.email)).toMatchObject({ user_id: person.user_id, is_verified: true });
    expect(await person.api.get('/auth/me')).toMatchObject({ is_verified: true });
    expect(() => admin('verify', newEmail())).toThrow(/is not registered/);
    expect(admin('deactivate', person.email)).toMatchObject({
      is_active: false,
      last_owner_of: [{ id: person.organization_id }],
    });
    expect(await person.api.request('GET', '/auth/me')).toMatchObject({
      status: 401,
      body: { error: 'account_inactive' },
    });
    expect(admin('activate', person.email)).toMatchObject({ user_id: person.user_id, is_active: true });
  });

  test('[AUTH-03] five failures lock an address for a while, and success forgives', async () => {
    const person = await newPerson({ organization: false });
    const login = (word: string, email = person.email) =>
      anonymous().request('POST', '/auth/login', { email, password: word });
    const good = await login(password);
    expect(good).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 900 } });
    expect(
      good.headers.getSetCookie().filter((cookie) => /HttpOnly/.test(cookie) && /SameSite=Lax/.test(cookie)),
    ).toHaveLength(2);
    const wrong = await login('Wrong-horse-7');
    expect(await login('Wrong-horse-7', newEmail())).toMatchObject({ status: 401, body: wrong.body });

    expect((await login(password)).status).toBe(200);
    for (let n = 0; n < 5; n += 1) expect((await login('Wrong-horse-7')).status).toBe(401);
    const locked = await login(password);
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    await sleep(2100);
    expect((await login(password)).status).toBe(200);
  });

  test('[AUTH-04] [AUTH-05] a refresh token is no access token, and is spent once; spent again, every sign-in ends', async () => {
    const person = await newPerson({ organization: false });
    const pair = await anonymous().post<{ access_token: string; refresh_token: string }>('/auth/login', {
      email: person.email,
      password,
    });
    const next = await anonymous().request('POST', '/auth/refresh', { refresh_token: pair.refresh_token });
    expect(next.status).toBe(200);
    expect((await anonymous().request('POST', '/auth/refresh', { refresh_token: pair.refresh_token })).status).toBe(
      401,
    );
    expect(
      (
        await anonymous()
          .as(next.body.access_token as string)
          .request('GET', '/auth/me')
      ).status,
    ).toBe(401);
    // An access token cannot refresh, and a refresh token is not an access token.
    expect((await anonymous().request('POST', '/auth/refresh', { refresh_token: pair.access_token })).status).toBe(401);
    expect((await anonymous().as(pair.refresh_token).request('GET', '/auth/me')).status).toBe(401);
  });

  test('[AUTH-12] a key may what its scopes and its owner both allow, until it is revoked', async () => {
    const { api: owner, organization_id } = await newPerson();
    const made = await owner.request('POST', '/auth/api-keys', {
      name: 'reader',
      scopes: ['project:read'],
      expires_in_days: 30,
      organization_id,
    });
    expect(made.status).toBe(201);
    const key = made.body.key as string;
    expect(key).toMatch(/^sk_live_[\w-]{43}$/);
    expect(made.body.key_prefix).toBe(key.slice(0, 16));
    const reader = owner.as(key);
    expect((await reader.request('GET', '/projects')).status).toBe(200);
    expect(await reader.request('POST', '/projects', { name: 'p', repository: { path: '/nowhere' } })).toMatchObject({
      status: 403,
      body: { error: 'forbidden', message: expect.stringContaining('project:write') },
    });
    // A key with few permissions can create neither a key with more permissions nor a sign-in.
    expect((await reader.request('POST', '/auth/api-keys', { name: 'wider', scopes: ['project:*'] })).status).toBe(403);
    expect((await reader.request('POST', '/auth/links')).status).toBe(403);
    const listed = await owner.request('GET', '/auth/api-keys');
    expect(JSON.stringify(listed.body)).not.toContain(key);
    expect(listed.body.items).toEqual([
      expect.objectContaining({ name: 'reader', scopes: ['project:read'], last_used_at: expect.any(String) }),
    ]);
    expect((await owner.request('POST', '/auth/api-keys', { name: 'x', scopes: ['project:fly'] })).status).toBe(422);
    // A key without scopes has no permissions.
    const none = await owner.post<{ key: string }>('/auth/api-keys', { name: 'none', scopes: [], organization_id });
    expect((await owner.as(none.key).request('GET', '/projects')).status).toBe(403);
    expect((await owner.request('DELETE', `/auth/api-keys/${String(made.body.id)}`)).status).toBe(204);
    expect((await reader.request('GET', '/projects')).status).toBe(401);
    expect((await owner.as('sk_live_of-nobody').request('GET', '/projects')).status).toBe(401);
  });

  test('[AUTH-12] a key manages keys with org:write alone, none of another organization, and none with more permissions than itself; but itself it may end', async () => {
    const { api: owner, organization_id } = await newPerson();
    const elsewhere = await owner.post<{ id: string }>('/organizations', {
      name: 'Second',
      slug: `second-${organization_id}`,
    });
    const make = (name: string, scopes: string[], of = organization_id) =>
      owner.post<{ id: string; key: string }>('/auth/api-keys', { name, scopes, organization_id: of });
    const [reader, manager, equal, wider, foreign] = [
      await make('reader', ['project:read', 'ticket:write']),
      await make('manager', ['org:*', 'project:read']),
      await make('equal', ['project:read']),
      await make('wider', ['task:write']),
      await make('foreign', ['project:read'], elsewhere.id),
    ];
    const revoke = async (by: { key: string }, of: { id: string }) =>
      await owner.as(by.key).request<{ message: string }>('DELETE', `/auth/api-keys/${of.id}`);
    // Without org:write a key cannot even revoke a key with fewer permissions.
    expect(await revoke(reader, equal)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('org:write') },
    });
    expect(
      (await owner.as(reader.key).request('POST', '/auth/api-keys', { name: 'same', scopes: ['project:read'] })).status,
    ).toBe(403);
    // With org:write it can revoke only keys without additional permissions.
    expect(await revoke(manager, wider)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('task:write') },
    });
    expect((await revoke(manager, foreign)).status).toBe(404);
    expect(
      (
        await owner
          .as(manager.key)
          .request('POST', '/auth/api-keys', { name: 'more', scopes: ['project:read', 'task:read'] })
      ).status,
    ).toBe(403);
    expect(
      (await owner.as(manager.key).request('POST', '/auth/api-keys', { name: 'less', scopes: ['project:read'] }))
        .status,
    ).toBe(201);
    expect((await revoke(manager, equal)).status).toBe(204);
    expect((await owner.as(equal.key).request('GET', '/projects')).status).toBe(401);
    for (const key of [reader, wider, foreign])
      expect((await owner.as(key.key).request('GET', '/auth/me')).status).toBe(200);
    expect((await revoke(reader, reader)).status).toBe(204);
    expect((await owner.as(reader.key).request('GET', '/auth/me')).status).toBe(401);
    // A key of another user gives 404.
    expect((await (await newPerson()).api.request('DELETE', `/auth/api-keys/${wider.id}`)).status).toBe(404);
    expect((await owner.request('DELETE', `/auth/api-keys/${wider.id}`)).status).toBe(204);
  });

  test('[ORG-01] a slug is taken once; an admin cannot archive', async () => {
    const owner = await newPerson({ organization: false });
    const slug = randomBytes(6).toString('hex');
    const organization = await owner.api.post<{ id: string; owner_id: string }>('/organizations', {
      name: 'Ours',
      slug,
    });
    expect(organization).toMatchObject({
      slug,
      owner_id: owner.user_id,
      max_concurrent_agents: 5,
      max_agent_runtime_hours: 100,
    });
    expect(await owner.api.request('POST', '/organizations', { name: 'Again', slug })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'slug' }] },
    });
    for (const slug of ['Not a slug', '-', '0198c0de-0000-7000-8000-000000000000'])
      expect((await owner.api.request('POST', '/organizations', { name: 'Bad', slug })).status).toBe(422);
    const admin = await newPerson({ organization: false });
    const roles = await owner.api.get<{ items: { id: string; name: string }[] }>(
      `/organizations/${organization.id}/roles`,
    );
    await owner.api.post(`/organizations/${organization.id}/members`, {
      user_id: admin.user_id,
      role_id: roles.items.find((role) => role.name === 'admin')?.id,
    });
    expect((await admin.api.request('DELETE', `/organizations/${organization.id}`)).status).toBe(403);
    expect((await owner.api.request('DELETE', `/organizations/${organization.id}`)).status).toBe(204);
    const archived = await owner.api.request('POST', '/projects', {
      name: 'late',
      organization_id: organization.id,
      repository: { path: '/nowhere' },
    });
    expect(archived.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(archived.body)).toContain('archived');
  });

  test('[ORG-06] to another organization nothing of ours exists', async () => {
    const { id: project_id } = await newProject(api());
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: 'Ours',
      description: 'Nobody else reads this.',
      auto_execute: false,
    });
    const ticket = await api().post<{ id: string }>('/tickets', {
      project_id,
      title: 'Ours',
      description: 'To plan.',
      workflow_mode: 'spec_driven',
    });
    const task = await api().post<{ id: string }>('/tasks', {
      ticket_id: ticket.id,
      title: 'Ours',
      description: 'To do.',
    });
    const { run_id } = await api().until<{ run_id: string | null }>(`/tasks/${task.id}`, (row) => row.run_id !== null);
    const foreign = (await newPerson()).api;
    for (const path of [
      `/projects/${project_id}`,
      `/projects/${project_id}/queue`,
      `/projects/${project_id}/graph`,
      `/specs/${spec_id}`,
      `/specs/${spec_id}/phase-data`,
      `/specs/${spec_id}/events`,
      `/tickets/${ticket.id}`,
      `/tickets/${ticket.id}/discoveries`,
      `/tasks/${task.id}`,
      `/tasks/${task.id}/context`,
      `/runs/${run_id}`,
      `/agents/${run_id}`,
      `/sandboxes/${run_id}`,
      `/runs/${run_id}/turns`,
      `/runs/${run_id}/diff`,
      `/runs/${run_id}/messages`,
      `/runs?project_id=${project_id}`,
      `/specs?project_id=${project_id}`,
      `/tasks?project_id=${project_id}`,
      `/pull-requests?project_id=${project_id}`,
    ])
      expect([path, (await foreign.request('GET', path)).status]).toEqual([path, 404]);
    for (const [path, body] of [
      [`/specs/${spec_id}/execute`],
      [`/specs/${spec_id}/cancel`],
      [`/tasks/${task.id}/cancel`],
      [`/runs/${run_id}/stop`],
      [`/runs/${run_id}/steer`, { kind: 'stop', message: 'stop' }],
      [`/runs/${run_id}/messages`, { content: 'hello' }],
      ['/tickets', { project_id, title: 'x', description: 'x' }],
      ['/specs/launch', { project_id, title: 'x', description: 'x', auto_execute: true }],
      ['/tasks', { ticket_id: ticket.id, title: 'x', description: 'x' }],
    ] as [string, object?][])
      expect([path, (await foreign.request('POST', path, body ?? {})).status]).toEqual([path, 404]);
    for (const path of ['/projects', '/specs', '/tickets', '/tasks', '/runs', '/costs/records', '/events'])
      expect([path, (await foreign.get<{ items: unknown[] }>(path)).items.length]).toEqual([
        path,
        path === '/events' ? 1 : 0,
      ]);
    await api().post(`/tickets/${ticket.id}/cancel`);
  });
});
