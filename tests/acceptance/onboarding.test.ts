import { randomBytes, randomUUID } from 'node:crypto';
import { newPerson } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';

test('[AUTH-18] the first steps are kept on the server, for the user alone, and found in what is set up', async () => {
  const person = await newPerson({ organization: false });
  const api = person.api;
  const step = (body: object) => api.request<State>('POST', '/onboarding/step', body);
  interface State {
    sync_version: number;
    current_step: string;
    data: object;
  }
  const missing = { completed: false, current: null };
  expect(await api.get('/onboarding/detect')).toEqual({
    github: { ...missing, can_change: true },
    organization: { ...missing, can_change: true },
    repo: { ...missing, can_change: true },
    plan: { ...missing, can_change: true },
    suggested_step: 'github',
  });
  expect(await step({ step: 'repository' })).toMatchObject({ status: 422, body: { details: [{ field: 'step' }] } });
  expect((await step({ step: 'repo', data: { name: 'x'.repeat(20_001) } })).status).toBe(422);
  const [first, second] = await Promise.all([
    step({ step: 'repo', data: { name: 'Acme' } }),
    step({ step: 'watch-agent', data: { seen: true } }),
  ]);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(await api.get('/onboarding/status')).toMatchObject({
    current_step: 'repo',
    completed_steps: ['welcome', 'watch-agent'],
    checklist: [{ id: 'watch-agent', completed: true }, { completed: false }, { completed: false }],
    data: { name: 'Acme', seen: true },
    sync_version: 3,
  });
  const stale = { sync_version: 1, current_step: 'plan', completed_steps: [], data: { name: 'Old' } };
  expect((await api.request('POST', '/onboarding/sync', stale)).body).toMatchObject({
    current_step: 'repo',
    data: { name: 'Acme' },
    sync_version: 3,
  });
  await api.request('POST', '/organizations', { name: 'Acme', slug: `acme-${randomBytes(4).toString('hex')}` });
  expect((await api.request('GET', '/onboarding/detect')).body).toMatchObject({
    organization: { completed: true, current: 'Acme' },
    plan: { completed: false, current: 'free' },
  });
  expect((await api.request('POST', '/onboarding/complete', {})).body).toMatchObject({
    current_step: 'complete',
    completed_at: expect.any(String),
  });

  const other = await newPerson({ organization: false });
  const { id } = await api.get<{ id: string }>('/auth/me');
  expect((await other.api.request('POST', `/onboarding/admin/reset/${id}`)).status).toBe(403);
  expect(await api.get('/onboarding/status')).toMatchObject({ current_step: 'complete' });
  const { store, close } = await stackServices();
  await store.identity.updateUser(other.user_id, { is_super_admin: true });
  await close();
  expect((await other.api.request('POST', `/onboarding/admin/reset/${randomUUID()}`)).status).toBe(404);
  expect((await other.api.request('POST', `/onboarding/admin/reset/${id}`)).status).toBe(200);
  expect((await api.request('POST', '/onboarding/reset')).body).toMatchObject({ current_step: 'welcome', data: {} });
});
