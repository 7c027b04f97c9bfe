import { randomBytes } from 'node:crypto';
import { shared } from './shared.ts';
import { Api } from './api.ts';

export const password = 'Correct-horse-7';

export interface Person {
  email: string;
  user_id: string;
  organization_id: string;
  slug: string;
  /** Of their sign-in, for a browser. */
  token: string;
  api: Api;
}

/**
 * A signed-in person with an account, and with their own organization on the plan Free unless they must have none.
 * `url`: of a stack of the test's own.
 */
export async function newPerson({ url = shared.url, organization = true } = {}): Promise<Person> {
  const email = `${randomBytes(6).toString('hex')}@example.test`;
  const anonymous = new Api(url, undefined);
  const user = await anonymous.post<{ id: string }>('/auth/register', { email, password });
  const { access_token: token } = await anonymous.post<{ access_token: string }>('/auth/login', { email, password });
  const api = anonymous.as(token);
  const slug = randomBytes(6).toString('hex');
  const { id } = organization ? await api.post<{ id: string }>('/organizations', { name: 'Theirs', slug }) : { id: '' };
  return { email, user_id: user.id, organization_id: id, slug, token, api };
}

/** Adds a person to the organization of another one. */
export async function addMember(to: Person, { user_id }: Person, role = 'member'): Promise<void> {
  const place = `/organizations/${to.organization_id}`;
  const { items } = await to.api.get<{ items: { id: string; name: string }[] }>(`${place}/roles`);
  await to.api.post(`${place}/members`, { user_id, role_id: items.find(({ name }) => name === role)?.id });
}
