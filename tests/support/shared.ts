import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { Api } from './api.ts';
import { connectToTemporal } from './temporal.ts';
import { PlayedModel, newWord, type Played, type Script } from './played-model.ts';
import { TestRepository } from './repository.ts';

interface Shared {
  url: string;
  dataDir: string;
  temporalAddress: string;
  routerUrl: string;
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

export async function temporalClient(): Promise<{ client: Client; close(): Promise<void> }> {
  return connectToTemporal(shared.temporalAddress);
}
