import path from 'node:path';
import { createGithubCodeHost } from '#activities/adapters/code-host/github.ts';
import { githubEvents } from '#activities/adapters/code-host/github-events.ts';
import { githubClient } from '#activities/adapters/code-host/github-client.ts';
import { githubPlace } from '#activities/adapters/code-host/github-place.ts';
import { createLocalCodeHost } from '#activities/adapters/code-host/local.ts';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import type { CodeHostPort, HostProject, HostPullRequest, NewPullRequest } from '#activities/ports/code-host.ts';
import { environment } from '#activities/services/config.ts';
import { Github } from '#tests/support/github.ts';
import { commitOn, git, makeRepository, scratchDir } from './fixture.ts';

/** The table of pull requests, as the platform keeps it: one open row a business key. */
export function createRecords() {
  const rows: (HostPullRequest & { key: string; branch: string })[] = [];
  return {
    rows,
    find: async (_: string, branch: string) => rows.findLast((row) => row.branch === branch),
    async create(_: HostProject, request: NewPullRequest) {
      const found = rows.find((row) => row.key === request.business_key && row.state === 'open');
      if (found) return found;
      const number = rows.length + 1;
      rows.push({
        provider: 'local',
        key: request.business_key,
        branch: request.branch,
        provider_id: `pr-${number}`,
        number,
        url: `/pull-requests/pr-${number}`,
        state: 'open',
      });
      return rows[number - 1] as HostPullRequest;
    },
  };
}

/** Merges at once, by this method alone. */
export async function mergeAt(
  host: CodeHostPort,
  project: HostProject,
  request: HostPullRequest & NewPullRequest,
  method: 'merge' | 'squash',
): Promise<{ sha: string }> {
  const done = await host.mergePullRequest(project, request, { method, or_another: false, when_ready: false });
  if ('sha' in done) return done;
  throw new Error(done.waits_for);
}

/** A project with `a.txt` and `b.txt` at a code host, and what a test does there. */
export interface HostPlace {
  host: CodeHostPort;
  project: HostProject;
  /** Commit of `main` at its beginning. */
  base: string;
  /** Opens the pull request of a branch with a commit of the files, pushed. */
  open(branch: string, files: Record<string, string>): Promise<HostPullRequest & NewPullRequest>;
  /** The pull request that `open` would ask for. */
  work(branch: string, files: Record<string, string>, from?: string): NewPullRequest;
  /** Runs git at the source of the project. */
  git(...args: string[]): string;
  /** Someone else's commit on `main`. */
  commit(files: Record<string, string>): string;
  /** Numbers of the pull requests that the code host has. */
  numbers(): number[];
}

export interface GithubPlay extends HostPlace {
  github: Github;
  /** owner/name */
  full_name: string;
  /** The token of the project; undefined: it has none. */
  token: string | undefined;
}

/**
 * Code hosts over one mirror. `close` ends what they started.
 * @param between gives the address of GitHub's API that is called, from that of the played one.
 */
export async function openCodeHosts(between = (api: string) => Promise.resolve(api)) {
  const { dir, remove } = scratchDir();
  const repositories = createRepositories({ dataDir: path.join(dir, 'data'), environment });
  const github = await Github.start();
  const api = await between(github.api);
  let count = 0;

  async function place(
    host: CodeHostPort,
    project: HostProject,
    gitDir: string,
    numbers: () => number[],
  ): Promise<HostPlace> {
    const { sha: base } = await repositories.sync(project.id, project, 'main');
    const run = (...args: string[]) => git('/', '--git-dir', gitDir, ...args);
    const made: HostPlace = {
      host,
      project,
      base,
      git: run,
      numbers,
      commit: (files) => commitOn(gitDir, run('rev-parse', 'main'), files, 'main'),
      work: (branch, files, from = base) => ({
        business_key: `ticket:${branch}`,
        title: `Title of\n${branch}`,
        body: 'What it does.',
        branch,
        base: 'main',
        head_sha: commitOn(repositories.gitDir(project.id), from, files, branch),
      }),
      open: async (branch, files) => {
        const request = made.work(branch, files);
        await host.pushBranch(project, branch, request.head_sha);
        return { ...request, ...(await host.openPullRequest(project, request)) };
      },
    };
    return made;
  }

  const source = () => {
    const folder = path.join(dir, `source-${++count}`);
    makeRepository(folder, { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    return folder;
  };
  const project = { organization_id: 'org', default_branch: 'main' };

  return {
    repositories,
    close: () => {
      github.close();
      remove();
    },

    local: async (id?: string): Promise<HostPlace> => {
      const bare = path.join(dir, `bare-${count + 1}.git`);
      git('/', 'clone', '-q', '--bare', source(), bare);
      const records = createRecords();
      const host = createLocalCodeHost({ repositories, records });
      return place(host, { ...project, id: id ?? `project-${count}`, path: bare }, bare, () =>
        records.rows.map(({ number }) => number),
      );
    },

    github: async (id?: string): Promise<GithubPlay> => {
      const from = source();
      const fullName = `acme/repository-${count}`;
      const { url, git_dir: gitDir, token } = github.host(fullName, from);
      const access = { machine: false, credential: { username: 'x-access-token', password: token } };
      const local = createLocalCodeHost({ repositories, records: createRecords() });
      const play: { token: string | undefined } = { token };
      const host = createGithubCodeHost({
        label: 'omoios',
        repositories,
        local,
        readEvent: githubEvents({ secret: undefined, web: github.url, secretsOf: () => Promise.resolve([]) }),
        repositoryOf: (asked) => {
          const at = githubPlace(asked.url, github.url);
          const used = play.token ?? 'none';
          // The published description is of REST alone; the played GitHub checks GraphQL by its own schema.
          const { graphql } = githubClient(github.api, used);
          return Promise.resolve(
            at && {
              ...at,
              project_id: asked.id,
              token: used,
              secret: 'signs marks',
              client: Object.assign(githubClient(api, used), { graphql }),
            },
          );
        },
      });
      const made = await place(host, { ...project, id: id ?? `project-${count}`, url, access }, gitDir, () =>
        github.pulls.filter((pull) => pull.repository === fullName).map(({ number }) => number),
      );
      return Object.assign(play, { github, full_name: fullName, ...made });
    },
  };
}
