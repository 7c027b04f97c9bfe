import { connected, connectedProject } from '#tests/support/github-person.ts';
import { workedOn, type PullRow } from '#tests/support/quick-work.ts';
import { atGithub } from '#tests/support/shared.ts';

test.each([
  ['closes', 'close', 'closed', 'cancelled'],
  ['merges', 'merge', 'merged', 'done'],
] as const)(
  '[GIT-08] [GIT-10] a pull request that a person %s at GitHub ends here though its failed changes wait for a retry',
  async (_words, act, state, status) => {
    const person = await connected();
    const project = await connectedProject(person);
    const { api, place } = person;
    const { ticket, pull } = await workedOn(project, 'src/one.js', api);
    // Nobody plays the model, and the task is given up.
    const { task_id: task } = await api.post<{ task_id: string }>(`/pull-requests/${pull.id}/request-changes`, {
      comments: 'Add src/two.js',
    });
    await api.until<{ items: object[] }>(`/runs?task_id=${task}`, ({ items }) => items.length > 0, 60_000);
    await api.post(`/tasks/${task}/fail`, { reason: 'No.' });
    await api.until<{ status: string }>(`/tasks/${task}`, (row) => row.status === 'failed', 60_000);
    await api.until<{ needs_review: boolean }>(`/tickets/${ticket.id}`, (row) => row.needs_review, 30_000);
    await atGithub(act, place, '1');
    expect(await project.sendEvent('pull_request', { action: 'closed', pull_request: { number: 1 } })).toBe(202);
    await api.until<PullRow>(`/pull-requests/${pull.id}`, (row) => row.state === state, 30_000);
    await api.until<{ status: string }>(`/tickets/${ticket.id}`, (row) => row.status === status, 30_000);
    await api.until<{ status: string }>(`/tasks/${task}`, (row) => row.status === 'cancelled', 30_000);
  },
  180_000,
);
