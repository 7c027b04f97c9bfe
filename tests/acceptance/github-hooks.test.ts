import { connected } from '#tests/support/github-person.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { atGithub } from '#tests/support/shared.ts';

const hooksOf = async (place: string) =>
  (await atGithub('pulls')).hooks.filter(({ repository }) => repository === place);

/** A person with a project whose repository has a webhook, and another repository. */
async function withHook() {
  const person = await connected();
  const { api, place } = person;
  const { id } = await api.post<{ id: string }>('/projects', { name: 'Hooked', repository: { github: place } });
  expect(await hooksOf(place)).toHaveLength(1);
  const other = `${place}-other`;
  await atGithub('host', other, new TestRepository().path);
  await atGithub('grant', person.login, other);
  const connect = (to: string) => {
    const [owner, repo] = to.split('/');
    return api.post<{ webhook: { problem: string | null } }>(`/github/connect?project_id=${id}`, { owner, repo });
  };
  return { ...person, id, other, connect };
}

test('[GIT-02] a webhook ends with the connection that it was made for: by the App, and by another repository', async () => {
  const { place, other, connect } = await withHook();
  expect(await connect(other)).toMatchObject({ webhook: { registered: true, problem: null } });
  expect([await hooksOf(place), (await hooksOf(other)).length]).toEqual([[], 1]);
  await atGithub('install', other);
  expect(await connect(other)).toMatchObject({ app: true, webhook: { problem: null } });
  expect(await hooksOf(other)).toEqual([]);
});

test('[GIT-02] a webhook that may not be removed any more is named with who removes it', async () => {
  const { login, place, other, connect } = await withHook();
  await atGithub('grant', login, place, 'read');
  const { webhook } = await connect(other);
  expect(webhook).toMatchObject({
    registered: true,
    problem: `The webhook of the connection before could not be removed at ${place}. If it is still there, an administrator of that repository removes it in its settings.`,
  });
  expect(await hooksOf(place)).toHaveLength(1);
});
