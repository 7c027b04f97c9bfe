import { sign } from '@octokit/webhooks-methods';
import { randomBytes, randomInt } from 'node:crypto';
import { Browser } from './browser.ts';
import { newPerson, type Person } from './people.ts';
import { TestRepository } from './repository.ts';
import { atGithub, shared } from './shared.ts';

export interface Connected extends Person {
  login: string;
  github_id: number;
  /** owner/name of a private repository that their account may change. */
  place: string;
}

/** A person whose account at GitHub is connected, with a repository there. */
export async function connected(right: 'write' | 'read' = 'write', files?: Record<string, string>): Promise<Connected> {
  const person = await newPerson();
  const id = String(randomInt(1, 2 ** 40));
  await new Browser().connect(person.api, 'github', { id, email: `${id}@example.test`, verified: true });
  const place = `acme/${randomBytes(5).toString('hex')}`;
  await atGithub('host', place, new TestRepository(files).path);
  await atGithub('grant', `login-${id}`, place, right);
  return { ...person, login: `login-${id}`, github_id: Number(id), place };
}

/** A person with a repository at GitHub, for which the App is installed. */
export async function withApp(right?: 'read') {
  const person = await connected(right);
  await atGithub('install', person.place);
  return person;
}

async function deliver(name: string, event: object, secret: string, query = '') {
  const body = JSON.stringify(event);
  return fetch(`${shared.url}/api/v1/github/webhooks/github${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': name,
      'x-github-delivery': randomBytes(8).toString('hex'),
      'x-hub-signature-256': await sign(secret, body),
    },
    body,
  });
}

/** An event of the App's webhook. @returns the status of the answer. */
export const tellByApp = async (name: string, event: object, secret = 'signs-events-of-github') =>
  (await deliver(name, event, secret)).status;

/** The answer to an event of the App's webhook that is refused. */
export const refusedEvent = async (name: string, event: object) =>
  (await (await deliver(name, event, 'signs-events-of-github')).json()) as { message: string; details: object };

/** A project with the person's repository, and events of it as GitHub sends them. */
export async function connectedProject({ api, place }: Connected) {
  const [owner, repo] = place.split('/');
  const { id } = await api.post<{ id: string }>('/projects', { name: repo, repository: { github: place } });
  const secret = `secret-of-${repo}`;
  await api.post(`/github/connect?project_id=${id}`, { owner, repo, webhook_secret: secret });
  return {
    id,
    sendEvent: async (name: string, event: object) => {
      const sent = { repository: { full_name: place }, ...event };
      const answer = await deliver(name, sent, secret, `?project_id=${id}`);
      return answer.status;
    },
  };
}
