import { isUtf8 } from 'node:buffer';
import type { Octokit } from '@octokit/rest';
import { AppError } from '#workflows/domain/errors.ts';
import type { GithubAccount, GithubPlace } from '../../ports/github.ts';
import { askingAs } from './github-client.ts';
import { githubPage, pageOfAll } from './github-pages.ts';
import { branchOf, commitOf, entryOf, pullOf, repositoryOf, treeEntryOf } from './github-views.ts';

/** What a person's token sees and does at GitHub. */
export function githubAccount(client: Octokit): GithubAccount {
  const { rest } = client;
  const named = ({ owner, repo }: GithubPlace) => `${owner}/${repo}`;
  const defaultBranch = async (place: GithubPlace) => (await rest.repos.get({ ...place })).data.default_branch;
  const content = async (place: GithubPlace, path: string, ref?: string) =>
    (await rest.repos.getContent({ ...place, path, ...(ref ? { ref } : {}) })).data;
  const tree = async (place: GithubPlace, ref: string | undefined, how: { recursive?: string }) => {
    const { data } = await rest.git.getTree({ ...place, tree_sha: ref ?? (await defaultBranch(place)), ...how });
    return { entries: data.tree.map(treeEntryOf), truncated: data.truncated };
  };

  return {
    repositories: (page, query = '') =>
      askingAs('repositories', async () => {
        const word = query.toLowerCase();
        const found = await githubPage(
          page,
          async (at) => (await rest.repos.listForAuthenticatedUser({ ...at, sort: 'pushed' })).data,
          (row) => row.full_name.toLowerCase().includes(word),
        );
        return { ...found, items: found.items.map(repositoryOf) };
      }),

    owners: (page) =>
      askingAs('owners', async () => {
        const { login } = (await rest.users.getAuthenticated()).data;
        const { items } = await githubPage(
          { limit: 1000 },
          async (at) => (await rest.orgs.listForAuthenticatedUser(at)).data,
        );
        const organizations = items.map((one) => ({ login: one.login, kind: 'organization' as const }));
        return pageOfAll(page, [{ login, kind: 'user' as const }, ...organizations]);
      }),

    repository: (place) => askingAs(named(place), async () => repositoryOf((await rest.repos.get({ ...place })).data)),

    branches: (place, page) =>
      askingAs(named(place), async () => {
        const found = await githubPage(page, async (at) => (await rest.repos.listBranches({ ...place, ...at })).data);
        return { ...found, items: found.items.map(branchOf) };
      }),

    file: (place, path, ref) =>
      askingAs(`${path} in ${named(place)}`, async () => {
        const data = await content(place, path, ref);
        if (Array.isArray(data) || data.type !== 'file' || !('content' in data))
          throw new AppError('invalid_rule', `path ${path} is not a file. List it with /directory.`);
        if (data.encoding !== 'base64')
          throw new AppError(
            'too_large',
            `${path} has ${data.size} bytes; GitHub gives at most 1 MB here. Read it with git.`,
          );
        const bytes = Buffer.from(data.content, 'base64');
        const encoding = isUtf8(bytes) ? 'utf-8' : 'base64';
        const { sha, size } = data;
        return { path: data.path, sha, size, content: bytes.toString(encoding), encoding };
      }),

    directory: (place, path, page, ref) =>
      askingAs(`${path || 'the root'} in ${named(place)}`, async () => {
        // GitHub describes the content of a path alone, so the root is read as a tree.
        if (path === '') return pageOfAll(page, (await tree(place, ref, {})).entries);
        const data = await content(place, path, ref);
        if (!Array.isArray(data))
          throw new AppError('invalid_rule', `path ${path} is not a directory. Read it with /contents.`);
        return pageOfAll(page, data.map(entryOf));
      }),

    tree: (place, page, ref) =>
      askingAs(named(place), async () => {
        const { entries, truncated } = await tree(place, ref, { recursive: '1' });
        return { ...pageOfAll(page, entries), truncated };
      }),

    commits: (place, page, { ref, path }) =>
      askingAs(named(place), async () => {
        const of = { ...place, ...(ref ? { sha: ref } : {}), ...(path ? { path } : {}) };
        const found = await githubPage(page, async (at) => (await rest.repos.listCommits({ ...of, ...at })).data);
        return { ...found, items: found.items.map(commitOf) };
      }),

    pulls: (place, page, state) =>
      askingAs(named(place), async () => {
        const found = await githubPage(page, async (at) => (await rest.pulls.list({ ...place, state, ...at })).data);
        return { ...found, items: found.items.map(pullOf) };
      }),

    createBranch: (place, name, from) =>
      askingAs(named(place), async () => {
        const of = from ?? (await defaultBranch(place));
        const { sha } = (await rest.repos.getCommit({ ...place, ref: of })).data;
        await rest.git.createRef({ ...place, ref: `refs/heads/${name}`, sha });
        return { name, sha, protected: false };
      }),

    createPull: (place, pull) =>
      askingAs(named(place), async () => pullOf((await rest.pulls.create({ ...place, ...pull })).data)),

    putFile: (place, path, { content: bytes, ...file }) =>
      askingAs(`${path} in ${named(place)}`, async () => {
        const { data } = await rest.repos.createOrUpdateFileContents({
          ...place,
          path,
          ...file,
          content: bytes.toString('base64'),
        });
        return { sha: data.content?.sha ?? '', commit_sha: data.commit.sha ?? '' };
      }),
  };
}
