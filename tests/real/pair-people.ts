import { randomBytes } from 'node:crypto';
import type { Api } from '#tests/support/api.ts';
import { password } from '#tests/support/people.ts';
import { onBoth, type ServerPair } from './server-pair.ts';

export interface Tokens {
  access_token: string;
  refresh_token: string;
}

export const word = () => randomBytes(6).toString('hex');
/** The statuses of answers, in order of their numbers. */
export const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();
/** Asks `count` times at once, at each server in turn. */
export const atOnce = <T>(apis: [Api, Api], count: number, ask: (api: Api, at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, at) => ask(apis[at % 2] as Api, at)));

export const account = (email: string) => ({ email, password });

export const roles = async ({ apis, at }: Pick<Person, 'apis' | 'at'>) => {
  const { items } = await apis[0].get<{ items: { id: string; name: string }[] }>(`${at}/roles`);
  return Object.fromEntries(items.map(({ id, name }) => [name, id]));
};

/** Registers people on a pair of servers. */
export function peopleOf(pair: () => ServerPair) {
  const signIn = (email: string, at: 0 | 1 = 0) => onBoth(pair())[at].post<Tokens>('/auth/login', account(email));

  /** A person, signed in on both servers, with their own organization unless they must have none. */
  async function person({ organization = true } = {}) {
    const email = `${word()}@example.test`;
    const { id: user_id } = await onBoth(pair())[0].post<{ id: string }>('/auth/register', account(email));
    const apis = onBoth(pair(), (await signIn(email)).access_token);
    const { id } = organization
      ? await apis[0].post<{ id: string }>('/organizations', { name: 'Theirs', slug: word() })
      : { id: '' };
    return { email, user_id, apis, id, of: `/billing/account/${id}`, at: `/organizations/${id}` };
  }

  /** Makes somebody a member of a person's organization. */
  async function join(owner: Person, role: string) {
    const somebody = await person({ organization: false });
    const body = { user_id: somebody.user_id, role_id: (await roles(owner))[role] };
    return { ...somebody, member_id: (await owner.apis[0].post<{ id: string }>(`${owner.at}/members`, body)).id };
  }
  return { signIn, person, join };
}
export type Person = Awaited<ReturnType<ReturnType<typeof peopleOf>['person']>>;
