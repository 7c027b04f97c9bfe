import { randomBytes } from 'node:crypto';
import { api, shared } from './shared.ts';
import { Api } from './api.ts';

export const password = 'Correct-horse-7';

export interface Person {
  email: string;
  user_id: string;
  organization_id: string;
  api: Api;
}

/** A signed-in person with an account, and with their own organization unless they must have none. */
export async function newPerson(options: { organization?: boolean } = {}): Promise<Person> {
  const email = `${randomBytes(6).toString('hex')}@example.test`;
  const anonymous = new Api(shared.url, undefined);
  const user = await anonymous.post<{ id: string }>('/auth/register', { email, password });
  const { access_token: token } = await anonymous.post<{ access_token: string }>('/auth/login', { email, password });
  const signedIn = api().as(token);
  const organization =
    options.organization === false
      ? { id: '' }
      : await signedIn.post<{ id: string }>('/organizations', { name: 'Theirs', slug: randomBytes(6).toString('hex') });
  return { email, user_id: user.id, organization_id: organization.id, api: signedIn };
}
