import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { Api } from './api.ts';
import type { PlayedCall } from './github-played.ts';
import type { HostedIssue } from './github-issues.ts';
import type { HostedHook, HostedPull } from './github-wire.ts';
import { connectToTemporal } from './temporal.ts';
import { PlayedModel, newWord, type Played, type Script } from './played-model.ts';
import { TestRepository } from './repository.ts';

interface Shared {
  url: string;
  dataDir: string;
  temporalAddress: string;
  routerUrl: string;
  githubUrl: string;
}

function stack(): Shared {
  if (!process.env.TEST_STACK)
    throw new Error(
      'This test needs the stack: run it with `npm test -- FILE`, and restart a watch that began before it did.',
    );
  return JSON.parse(process.env.TEST_STACK) as Shared;
}

/**
 * The stack that all tests of a test run share. It starts before the first test. It is read at the first use, because
 * tests with a stack of their own import files that can use either.
 */
export const shared: Shared = {
  get url() {
    return stack().url;
  },
  get dataDir() {
    return stack().dataDir;
  },
  get temporalAddress() {
    return stack().temporalAddress;
  },
  get routerUrl() {
    return stack().routerUrl;
  },
  get githubUrl() {
    return stack().githubUrl;
  },
};
export const ownerKey = () => readFileSync(`${shared.dataDir}/owner-key`, 'utf8').trim();
export const api = () => new Api(shared.url, ownerKey());

/** A model on the shared stack that this test controls, for requests that contain its word. */
export async function playOnShared(
  script: (request: Played, word: string) => ReturnType<Script>,
): Promise<{ model: PlayedModel; word: string; stop(): Promise<void> }> {
  const word = newWord();
  const model = await new PlayedModel((request) => script(request, word)).start();
  await fetch(`${shared.routerUrl}/words/${word}`, { method: 'PUT', body: model.url });
  return {
    model,
    word,
    stop: async () => {
      await fetch(`${shared.routerUrl}/words/${word}`, { method: 'DELETE' });
      await model.stop();
    },
  };
}

/** Creates a project with a new repository. */
export async function newProject(
  on: Api = api(),
  files?: Record<string, string>,
  settings?: object,
): Promise<{ id: string; repository: TestRepository }> {
  const repository = new TestRepository(files);
  const project = await on.post<{ id: string }>('/projects', {
    name: 'small',
    repository: { path: repository.path },
    ...(settings ? { settings } : {}),
  });
  return { id: project.id, repository };
}

/** What the played GitHub of the shared stack does next, and what it has. */
export async function atGithub(call: PlayedCall, ...values: string[]) {
  const answer = await fetch(`${shared.githubUrl}/played`, { method: 'POST', body: JSON.stringify({ call, values }) });
  return (await answer.json()) as {
    url: string;
    git_dir: string;
    token: string;
    pulls: HostedPull[];
    remarks: { repository: string; number: number; kind: string; body: string; reply_to?: number; id: number }[];
    app_tokens: { token: string; repositories: string[] }[];
    /** Ids of the App's installations, and of repositories, by the names of repositories. */
    installations: Record<string, number>;
    repositories: Record<string, number>;
    issues: HostedIssue[];
    hooks: HostedHook[];
  };
}

/** Creates a project with a repository at GitHub, and a token for it. */
export async function newGithubProject(name: string) {
  const hosted = await atGithub('host', `acme/${name}`, new TestRepository().path);
  const repository = { url: hosted.url.replace('//', `//x-access-token:${hosted.token}@`) };
  const { id } = await api().post<{ id: string }>('/projects', { name, repository });
  return {
    id,
    token: hosted.token,
    git: (...args: string[]) =>
      execFileSync('git', ['--git-dir', hosted.git_dir, ...args], { encoding: 'utf8' }).trim(),
    renewToken: async () => {
      const { token } = await atGithub('token', `acme/${name}`);
      const url = hosted.url.replace('//', `//x-access-token:${token}@`);
      await api().request('PATCH', `/projects/${id}`, { repository: { url } });
    },
    pulls: async () => (await atGithub('pulls')).pulls.filter(({ repository: at }) => at === `acme/${name}`),
  };
}

export async function temporalClient(): Promise<{ client: Client; close(): Promise<void> }> {
  return connectToTemporal(shared.temporalAddress);
}
