import { connectedProject, connected, refusedEvent, tellByApp, withApp } from '#tests/support/github-person.ts';
import type { Api } from '#tests/support/api.ts';
import { workedOn, type PullRow } from '#tests/support/quick-work.ts';
import { atGithub, shared } from '#tests/support/shared.ts';

interface Connection {
  full_name: string;
  problem: string | null;
  webhook: { problem: string | null };
}

/** The connection of a project, once it is as wanted. */
async function untilConnection(api: Api, projectId: string, wanted: (connection: Connection) => boolean) {
  const path = `/github/connected?project_id=${projectId}`;
  const { items } = await api.until<{ items: Connection[] }>(path, ({ items: [one] }) => !!one && wanted(one), 30_000);
  return items[0] as Connection;
}
const untilProblem = (api: Api, projectId: string, words: RegExp | null) =>
  untilConnection(api, projectId, ({ problem }) => (words ? words.test(problem ?? '') : problem === null));

async function projectByApp() {
  const person = await withApp();
  const { api, place } = person;
  const { id } = await api.post<{ id: string }>('/projects', { name: 'By the App', repository: { github: place } });
  const { repositories, installations } = await atGithub('pulls');
  const repository = { id: repositories[place] ?? 0, full_name: place };
  return { ...person, id, repository, installation: { id: installations[place] ?? 0 } };
}
const nameAfter = (place: string) => `${place}-renamed`;

describe('a repository that the App serves', () => {
  test('[GIT-08] is read by its id, whatever an event says of it, and its work goes on under another name', async () => {
    const { api, id, place, repository } = await projectByApp();
    const { pull, ticket } = await workedOn({ id }, 'src/one.js', api);
    const deleted = { action: 'deleted', repository };
    const led = { action: 'renamed', repository: { ...repository, full_name: 'acme/elsewhere' } };
    const { hooks } = await atGithub('pulls');
    expect(await tellByApp('repository', led, hooks[0]?.config.secret ?? 'another secret')).toBe(401);
    // None of it is true.
    for (const event of [deleted, led, { ...deleted, action: 'archived' }])
      expect(await tellByApp('repository', event)).toBe(202);
    await atGithub('archive', place, 'on');
    await tellByApp('repository', { action: 'unarchived', repository });
    await untilProblem(api, id, /archived at GitHub/);
    await atGithub('archive', place, 'off');
    await tellByApp('repository', { action: 'archived', repository });
    expect(await untilProblem(api, id, null)).toMatchObject({ full_name: place, webhook: { problem: null } });

    const after = nameAfter(place);
    await atGithub('move', place, after);
    await atGithub('merge', after, String(pull.number));
    // The event of the new name is lost: that of the merge has it too.
    const merged = { action: 'closed', pull_request: { number: pull.number } };
    await tellByApp('pull_request', { ...merged, repository: { ...repository, full_name: after } });
    await untilConnection(api, id, ({ full_name: name }) => name === after);
    expect(await api.get(`/projects/${id}`)).toMatchObject({
      repository: { url: `${shared.githubUrl}/${after}.git` },
    });
    await api.until<PullRow>(`/pull-requests/${pull.id}`, ({ state }) => state === 'merged', 60_000);
    await api.until<{ status: string }>(`/tickets/${ticket.id}`, ({ status }) => status === 'done', 60_000);
    // An event from before is late.
    await tellByApp('repository', { action: 'renamed', repository });
    await tellByApp('push', { ref: 'refs/heads/main', repository });
    await workedOn({ id }, 'src/two.js', api);
    expect(await untilProblem(api, id, null)).toMatchObject({ full_name: after });

    await atGithub('move', after);
    await tellByApp('repository', { action: 'unarchived', repository });
    await untilProblem(api, id, /was deleted there, or taken from the App.*connect another one/);
  }, 240_000);

  test('[GIT-08] has a problem exactly as long as its cause is there', async () => {
    const { api, id, place, repository, installation } = await projectByApp();
    const other = await withApp();
    await atGithub('include', other.place, place);
    await atGithub('archive', place, 'on');
    await atGithub('suspend', place, 'on');
    await tellByApp('installation', { action: 'unsuspend', installation });
    await untilProblem(api, id, /suspended/);
    await atGithub('suspend', place, 'off');
    // The end of one problem is not that of another.
    await tellByApp('installation', { action: 'suspend', installation });
    await untilProblem(api, id, /archived/);
    await atGithub('archive', place, 'off');

    await atGithub('uninstall', place);
    await tellByApp('installation_repositories', { action: 'added', installation, repositories_added: [] });
    await untilProblem(api, id, /taken from the App/);
    await atGithub('include', place, other.place);
    const added = { action: 'added', installation, repositories_added: [repository] };
    await tellByApp('installation_repositories', added);
    await untilProblem(api, id, null);

    for (const one of [place, other.place]) await atGithub('uninstall', one);
    await tellByApp('installation', { action: 'deleted', installation });
    await untilProblem(api, id, /was removed from .*Install it there/);
    await atGithub('install', place);
    const { installations } = await atGithub('pulls');
    const again = { id: installations[place] ?? 0 };
    await tellByApp('installation', { action: 'created', installation: again, repositories: [repository] });
    await untilProblem(api, id, /installed there again. Connect the repository again/);
    const [owner, repo] = place.split('/');
    await api.post(`/github/connect?project_id=${id}`, { owner, repo });
    await untilProblem(api, id, null);
    // Late news of the installation before.
    await tellByApp('installation', { action: 'deleted', installation });
    await tellByApp('installation', { action: 'suspend', installation: again });
    await untilProblem(api, id, null);
  }, 120_000);

  test('[GIT-08] takes no event that is not as GitHub sends it, and the answer names the field', async () => {
    const { repository, installation } = await projectByApp();
    const refusals: [string, object, string][] = [
      ['repository', { action: 'renamed', repository: { full_name: repository.full_name } }, 'repository.id'],
      ['repository', { action: 'renamed', repository: { ...repository, full_name: 'none' } }, 'repository.full_name'],
      ['repository', { action: 'renamed' }, 'repository'],
      ['installation', { action: 'deleted' }, 'installation'],
      ['installation', { action: 'deleted', installation: { id: 'all' } }, 'installation.id'],
      ['installation_repositories', { installation, repositories_added: [{}] }, 'repositories_added.0.id'],
      ['pull_request', { repository, pull_request: { number: -1 } }, 'pull_request.number'],
      ['check_run', { repository }, 'check_run'],
      ['push', { repository }, 'ref'],
      ['issues', { repository, issue: {} }, 'issue.number'],
    ];
    for (const [name, event, field] of refusals) {
      const { message, details } = await refusedEvent(name, event);
      expect(details).toEqual([{ field: expect.stringContaining(field), message: expect.any(String) }]);
      expect(message).toContain(`GitHub's event ${name}`);
    }
    // The name is not signed: under another one it is another event, or none.
    expect(await tellByApp('watch', { action: 'deleted', repository, installation })).toBe(202);
  });
});

test("[GIT-08] a repository that a member's connection serves is followed too, and each webhook leads only to its own", async () => {
  const person = await connected();
  const { api, place } = person;
  const project = await connectedProject(person);
  const other = await connected();
  const theirs = await connectedProject(other);
  const { repositories } = await atGithub('pulls');
  const repository = { id: repositories[place], full_name: place };
  const after = nameAfter(place);
  await atGithub('move', place, after);
  const renamed = { action: 'renamed', repository: { ...repository, full_name: other.place } };
  // It says that the repository has the name of another one.
  await project.sendEvent('repository', renamed);
  await theirs.sendEvent('repository', renamed);
  await untilConnection(api, project.id, ({ full_name: name }) => name === after);
  expect(await untilProblem(other.api, theirs.id, null)).toMatchObject({ full_name: other.place });

  await atGithub('move', after);
  await project.sendEvent('repository', { action: 'edited', repository });
  await untilProblem(api, project.id, /deleted there, or the account may not read it/);
}, 60_000);
