import { isUtf8 } from 'node:buffer';
import { setTimeout } from 'node:timers/promises';
import type { Octokit } from '@octokit/rest';
import { AppError } from '#workflows/domain/errors.ts';
import type { GithubAccount, GithubPlace } from '../../ports/github.ts';
import { answers, askingAs } from './github-client.ts';
import { githubPage, pageOfAll } from './github-pages.ts';
import { requireRights } from './github-rights.ts';
import { branchOf, commitOf, entryOf, pullOf, repositoryOf, treeEntryOf } from './github-views.ts';

/** Looks for the first commit of a copied template, and the time between two. */
const copyTries = 10;
const copyWaitMs = 1000;

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
  const untilCommit = async (place: GithubPlace, branch: string) => {
    for (let tries = 0; tries < copyTries; tries++) {
      const { data } = await rest.repos.listBranches({ ...place, per_page: 100 });
      if (data.some(({ name }) => name === branch)) return;
      await setTimeout(copyWaitMs);
    }
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

    requireRights: (place, which) => askingAs(named(place), () => requireRights(client, place, which)),

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

    createRepository: ({ login, kind }, { name, private: isPrivate, description, template, first_commit }) =>
      askingAs(`${template ?? login}`, async () => {
        const about = { name, private: isPrivate, ...(description ? { description } : {}) };
        const [owner = '', repo = ''] = template?.split('/') ?? [];
        if (template) {
          const from = { template_owner: owner, template_repo: repo };
          const { data } = await rest.repos.createUsingTemplate({ ...from, ...about, owner: login });
          // GitHub copies the files of a template after its answer.
          await untilCommit({ owner: login, repo: name }, data.default_branch);
          return repositoryOf(data);
        }
        const fresh = { ...about, auto_init: first_commit };
        const { data } =
          kind === 'user'
            ? await rest.repos.createForAuthenticatedUser(fresh)
            : await rest.repos.createInOrg({ ...fresh, org: login });
        return repositoryOf(data);
      }),

    registerWebhook: (place, { url, secret, events }) =>
      askingAs(`webhooks of ${named(place)}`, async () => {
        const config = { url, secret, content_type: 'json', insecure_ssl: '0' };
        const known = await githubPage(
          { limit: 1 },
          async (at) => (await rest.repos.listWebhooks({ ...place, ...at })).data,
          (hook) => hook.config.url === url,
        );
        const [found] = known.items;
        const { data } = found
          ? await rest.repos.updateWebhook({ ...place, hook_id: found.id, config, events, active: true })
          : await rest.repos.createWebhook({ ...place, config, events });
        return String(data.id);
      }),

    removeWebhook: (place, id) =>
      askingAs(`webhooks of ${named(place)}`, async () => {
        try {
          await rest.repos.deleteWebhook({ ...place, hook_id: Number(id) });
        } catch (error) {
          if (!answers(error, 404)) throw error;
          // GitHub says the same to who may not remove it: they may not list it either.
          await rest.repos.listWebhooks({ ...place, per_page: 1 });
        }
      }),
  };
}
