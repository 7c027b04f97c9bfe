import { createNoticesActivities } from '#activities/notices/index.ts';
import { loadConfig } from '#activities/services/config.ts';
import type { Services } from '#activities/ports/services.ts';
import { OwnServer, silent } from '#tests/support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start('report-mail');
});
afterAll(() => server.close());

test('[WEB-20] a daily digest begins with the morning report, and what is told at once does not', async () => {
  const { organization, project, owner } = server.place;
  const where = { organization_id: organization.id };
  const { store } = server;
  const { mailNotices } = createNoticesActivities({
    ...{ store, config: loadConfig({}, {}), log: silent, mail: { delivers: false } },
  } as unknown as Services);
  /** Something that needs a person, which happened a day ago. */
  const happens = async (title: string) => {
    const { ticket } = await store.tickets.create({
      ...{ ...where, project_id: project.id, user_id: owner.id, phase_id: 'PHASE_IMPLEMENTATION', status: 'building' },
      ...{ title, description: 'It is done once.', priority: 'LOW', workflow_mode: 'quick' },
    });
    await store.tickets.patch(where.organization_id, ticket.id, { needs_review: true, last_error: `${title} fails.` });
    await server.sql(
      `UPDATE notifications SET created_at = created_at - interval '1 day' WHERE mail_state = 'waiting'`,
    );
    await mailNotices(where);
    const [mail] = (await store.mails.list({ limit: 1 })).items;
    return mail;
  };
  await store.notices.change(owner.id, { quiet_from: '00:00', quiet_until: '00:00' });
  expect(await happens('Fold')).toMatchObject({ subject: expect.stringContaining('Fold fails.') });
  await store.notices.change(owner.id, { digest: 'daily' });
  const mail = await happens('Press');
  expect(mail?.subject).toBe(`Morning report: ${organization.name}`);
  expect(mail?.text).toMatch(
    /^Waiting on you:\n- .*Fold: Fold fails\.\n- .*Press: Press fails\.\n\n0 runs completed and 0 failed/,
  );
  expect(mail?.text).toMatch(
    /The whole report: http\S+\/report\?since=\S+\n\nWhat happened:\n\nPress: .*needs a person/,
  );
});
