import type { Api } from './api.ts';
import { newPerson, type Person } from './people.ts';
import { api } from './shared.ts';

/** A person with a role in the organization of the shared stack. */
export async function newColleague(role: 'admin' | 'member' | 'viewer'): Promise<Person> {
  const person = await newPerson({ organization: false });
  const [organization] = await api().all<{ id: string }>('/organizations');
  const id = organization?.id ?? '';
  const roles = await api().all<{ id: string; name: string }>(`/organizations/${id}/roles`);
  await api().post(`/organizations/${id}/members`, {
    user_id: person.user_id,
    role_id: roles.find(({ name }) => name === role)?.id,
  });
  return { ...person, organization_id: id };
}

export const newMember = async (role: 'admin' | 'member' | 'viewer'): Promise<Api> => (await newColleague(role)).api;
