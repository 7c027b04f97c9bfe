import { connected, connectedProject } from '#tests/support/github-person.ts';
import { workedOn, type PullRow } from '#tests/support/quick-work.ts';
import { atGithub, shared } from '#tests/support/shared.ts';

/** Deliveries of the storm (`npm run validate -- --all` sends 10,000), and how many are under way at once. */
const count = Number(process.env.OMOIOS_TEST_STORM ?? 600);
const atOnce = 25;

test('[GIT-08] a storm of deliveries, duplicated, in any order and some of them forged, loses nothing and does nothing twice', async () => {
  const person = await connected();
  const project = await connectedProject(person);
  const { api, place } = person;
  const by = { id: person.github_id, login: person.login };
  const { ticket, pull } = await workedOn(project, 'src/one.js', api);
  await atGithub('issue', place, JSON.stringify({ by, title: 'Later', labels: ['omoios'] }));
  const events: [string, object][] = [
    ['pull_request', { action: 'closed', pull_request: { number: 1 } }],
    ['pull_request', { action: 'synchronize', pull_request: { number: 1 } }],
    ['pull_request_review', { action: 'submitted', pull_request: { number: 1 } }],
    ['issue_comment', { action: 'created', issue: { number: 1, pull_request: {} } }],
    ['issues', { action: 'labeled', issue: { number: 2 } }],
    ['push', { ref: 'refs/heads/main' }],
  ];
  const statuses = new Map<number, number>();
  const noted = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
  let sent = 0;
  const sender = async () => {
    for (let n = sent++; n < count; n = sent++) {
      // The comment and the merge come in the middle.
      if (n === Math.floor(count / 3))
        await atGithub('comment', place, '2', JSON.stringify({ by, body: '/omoios stop' }));
      if (n === Math.floor(count / 2)) await atGithub('merge', place, '1');
      const [name, event] = events[(n * 7) % events.length] as [string, object];
      if (n % 50 === 49) noted(await forged(project.id, place, name, event));
      else noted(await project.sendEvent(name, event));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  for (const [name, event] of events) noted(await project.sendEvent(name, event));
  expect(Object.fromEntries(statuses)).toEqual({
    202: count - Math.floor(count / 50) + events.length,
    401: Math.floor(count / 50),
  });
  await api.until<PullRow>(`/pull-requests/${pull.id}`, ({ state }) => state === 'merged', 60_000);
  await api.until<{ status: string }>(`/tickets/${ticket.id}`, ({ status }) => status === 'done', 60_000);
  const tickets = await api.until<{ items: { status: string; title: string }[] }>(
    `/tickets?project_id=${project.id}`,
    ({ items }) => items.some(({ status }) => status === 'cancelled'),
    60_000,
  );
  expect(tickets.items.map(({ title, status }) => [title, status])).toContainEqual(['Issue #2: Later', 'cancelled']);
  expect(tickets.items).toHaveLength(2);
  const types = 'pull_request.merged,pull_request.closed,ticket.created';
  const told = await api.all<{ type: string }>(`/events?project_id=${project.id}&types=${types}`);
  expect(told.map(({ type }) => type).sort()).toEqual(['pull_request.merged', 'ticket.created', 'ticket.created']);
  const answers = (await atGithub('pulls')).remarks.filter(
    (one) => one.repository === place && one.body.includes('<!-- omoios-answer '),
  );
  expect(answers.map(({ body }) => body.split(' ').slice(0, 3).join(' ')).sort()).toEqual([
    'TKT-2 is stopped.\n\n<!--',
    'TKT-2 is the',
  ]);
}, 600_000);

async function forged(id: string, place: string, name: string, event: object): Promise<number> {
  const answer = await fetch(`${shared.url}/api/v1/github/webhooks/github?project_id=${id}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': name,
      'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
    },
    body: JSON.stringify({ repository: { full_name: place }, ...event }),
  });
  return answer.status;
}
