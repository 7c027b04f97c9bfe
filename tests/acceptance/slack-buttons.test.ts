import { eventually } from '#tests/support/api.ts';
import { addMember, newPerson, type Person } from '#tests/support/people.ts';
import { newProject } from '#tests/support/shared.ts';
import { PlayedSlack, type SlackReply } from '#tests/support/slack.ts';
import { newTicket, type TicketRow } from '#tests/support/work.ts';

let slack: PlayedSlack;
beforeAll(async () => {
  slack = await PlayedSlack.start();
});
afterAll(() => slack.close());

/** The answer at Slack to what is done. */
async function replyTo(act: () => Promise<number>): Promise<SlackReply> {
  const before = slack.replies.length;
  expect(await act()).toBe(200);
  await eventually('Slack is answered', () => Promise.resolve(slack.replies.length > before));
  return slack.replies.at(-1) as SlackReply;
}

async function link(person: Person, user: string, message: SlackReply): Promise<void> {
  const asked = await replyTo(() => slack.press({ user, button: 'approve', message }));
  expect(asked).toMatchObject({ response_type: 'ephemeral', replace_original: false });
  expect(asked.text).toContain('/settings/notifications');
  const { code } = await person.api.post<{ code: string }>('/notifications/slack/code');
  const write = (text: string) =>
    replyTo(() => slack.press({ user, button: 'link', message: asked, words: { block_id: 'code', text } }));
  expect((await write('guessed')).text).toContain('does not work');
  expect((await write(code)).text).toContain(person.email);
  expect((await write(code)).text).toContain('does not work');
}

test('[CONF-05] who is linked decides at Slack by their own rights, once, and the message says who did', async () => {
  const [one, viewer, stranger] = [await newPerson(), await newPerson({ organization: false }), await newPerson()];
  await addMember(one, viewer, 'viewer');
  await one.api.ok('PATCH', '/notifications/settings', { quiet_from: '00:00', quiet_until: '00:00' });
  await one.api.ok('PUT', '/notifications/slack', { webhook_url: slack.webhook });
  const { id: project_id } = await newProject(one.api, undefined, { ticket_human_review: true });
  const ticket = await newTicket(project_id, 'Sell <!channel> shelves', {}, one.api);
  const now = () => one.api.get<TicketRow>(`/tickets/${ticket.id}`);
  await eventually('Slack has a message', () => Promise.resolve(slack.sent.length > 0));
  const message = slack.sent[0] as SlackReply;
  expect(message.text).toContain('Sell &lt;!channel&gt; shelves');
  expect(message.blocks?.map(({ type }) => type)).toEqual(['section', 'input', 'actions']);

  // Only Slack sends what was pressed, and only just now.
  const press = { user: 'U1', button: 'approve', message };
  expect(await slack.press({ ...press, secret: 'another' })).toBe(401);
  expect(await slack.press({ ...press, time: Math.floor(Date.now() / 1000) - 301 })).toBe(401);
  expect(slack.replies).toEqual([]);

  await link(one, 'U1', message);
  await link(viewer, 'U2', message);
  await link(stranger, 'U3', message);
  expect(await one.api.get('/notifications/settings')).toMatchObject({
    slack: { buttons: true, people: [{ team_id: 'T1', name: 'u1' }] },
  });
  const refused = await replyTo(() => slack.press({ ...press, user: 'U2' }));
  expect(refused).toMatchObject({ response_type: 'ephemeral', text: expect.stringContaining('ticket:write') });
  const foreign = await replyTo(() => slack.press({ ...press, user: 'U3' }));
  expect(foreign).toMatchObject({ response_type: 'ephemeral' });
  const wordless = await replyTo(() => slack.press({ ...press, button: 'reject' }));
  expect(wordless.text).toMatch(/why it is rejected/);
  expect(await now()).toMatchObject({ status: 'pending_review' });

  const words = { block_id: `words approval:${ticket.id}`, text: 'We have enough.' };
  const before = slack.replies.length;
  const reject = () => slack.press({ ...press, button: 'reject', words });
  expect(await Promise.all([reject(), reject(), reject()])).toEqual([200, 200, 200]);
  await eventually('each is answered', () => Promise.resolve(slack.replies.length === before + 3));
  const said = `Rejected by ${one.email}: We have enough.`;
  const decided = slack.replies.slice(before).filter(({ replace_original: shown }) => shown);
  expect(JSON.stringify(decided[0]?.blocks)).toContain(said);
  expect(decided[0]?.blocks?.map(({ type }) => type)).toEqual(['section', 'context']);
  expect(await now()).toMatchObject({ status: 'cancelled', rejection_reason: 'We have enough.' });
  const { items } = await one.api.get<{ items: { type: string }[] }>(`/events?entity_ids=${ticket.id}`);
  expect(items.filter(({ type }) => type === 'ticket.rejected')).toHaveLength(1);

  // Later, somebody else learns who decided.
  await one.api.ok('DELETE', '/notifications/slack/people');
  expect((await replyTo(() => slack.press(press))).response_type).toBe('ephemeral');
  await link(one, 'U4', message);
  const late = await replyTo(() => slack.press({ ...press, user: 'U4' }));
  expect(JSON.stringify(late.blocks)).toContain(said);
});
