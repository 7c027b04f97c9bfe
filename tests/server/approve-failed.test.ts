import { randomUUID } from 'node:crypto';
import type { Veto } from '#workflows/domain/phases/phase.ts';
import { OwnServer } from '#tests/support/own-server.ts';
import { plannedSpec } from '#tests/support/planned-spec.ts';

let server: OwnServer;
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('approve-failed');
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());
beforeEach(() => {
  server.grants = { role: 'owner', permissions: ['*:*'] };
});

const approve = (id: string, body: object = {}, phase = 'design') =>
  server.request('POST', `/specs/${id}/phases/${phase}/approve`, body);
const reason = 'It says what matters; the rest follows with the tasks.';

/** A spec whose design failed its newest attempt. */
async function failedDesign(how: { submitted?: boolean; vetoes?: Veto[] } = {}) {
  const { id, outputs } = await plannedSpec(server, ['explore', 'prd', 'requirements'], `Export ${randomUUID()}`);
  const { specs } = server.store;
  await specs.startAttempt(organization_id, id, 'design', 1, randomUUID());
  if (how.submitted === false)
    await specs.judgeAttempt(organization_id, id, 'design', 1, { error: 'The session ran out of turns.' }, 1);
  else {
    await specs.saveOutput(id, 'design', 1, outputs.design);
    const verdict = { ...{ passed: false, score: 0.5, criteria: [], feedback: 'Too few.', judge: null }, vetoes: [] };
    await specs.judgeAttempt(organization_id, id, 'design', 1, { ...verdict, vetoes: how.vetoes ?? [] }, 1);
  }
  await specs.update(organization_id, id, { status: 'executing' });
  await specs.update(organization_id, id, { status: 'failed', current_phase: 'design', last_error: 'It failed.' });
  return id;
}

test('[WEB-09] a phase that failed by its score is approved with a reason, and planning goes on after it', async () => {
  const id = await failedDesign();
  expect(await approve(id)).toMatchObject({ status: 400, body: { details: [{ field: 'reason' }] } });
  expect(await approve(id, { reason: '  ' })).toMatchObject({ status: 422, body: { details: [{ field: 'reason' }] } });
  expect(server.plans).toEqual([]);
  expect(await approve(id, { reason })).toMatchObject({ status: 202, body: { status: 'approved' } });
  const { phases } = (await server.request('GET', `/specs/${id}/phase-data`)).body;
  const design = phases.find(({ phase }: { phase: string }) => phase === 'design');
  expect(design).toMatchObject({ status: 'passed', score: 0.5 });
  expect(design.attempts).toMatchObject([
    { attempt: 1, status: 'passed', decision: { action: 'approved', feedback: reason, by: expect.any(String) } },
  ]);
  const { items } = (await server.request('GET', `/specs/${id}/versions`)).body;
  expect(JSON.stringify(items[0])).toContain(reason);
  expect(server.plans).toMatchObject([{ spec_id: id, again: { from: 4, feedback: null } }]);
});

test('[WEB-09] what did not fail, what was not submitted, and what work cannot go on with is not approved', async () => {
  const failed = await failedDesign();
  expect(await approve(failed, { reason }, 'requirements')).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('requirements has not failed') },
  });
  const nothing = await failedDesign({ submitted: false });
  expect(await approve(nothing, { reason })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('submitted nothing') },
  });
  const fault: Veto = { code: 'interface_not_made', message: 'The component Rows is made by nobody.', ids: [] };
  expect(await approve(await failedDesign({ vetoes: [fault] }), { reason })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining(fault.message) },
  });
  const { id: draft } = await plannedSpec(server, ['explore'], 'Only begun');
  expect(await approve(draft, { reason })).toMatchObject({ status: 400, body: { details: [{ field: 'reason' }] } });
  for (const role of ['viewer', 'agent_executor']) {
    server.grants = { role, permissions: ['document:read', 'ticket:write'] };
    expect([role, (await approve(failed, { reason })).status]).toEqual([role, 403]);
  }
});
