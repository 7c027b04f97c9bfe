import { redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from '@remix-run/node';
import { me as whoAmI } from '#server/contracts/auth.ts';
import { apiFor } from '../lib/api.server.ts';
import { pathOr } from '../lib/own-path.ts';
import { chosenOrganization, organizationHeader } from '../lib/preferences.ts';

const choose = (to: string, id: string) => redirect(to, { headers: { 'Set-Cookie': organizationHeader(id) } });

/** Chooses an organization for a viewer whose cookie names none of theirs, and leads back. */
export const loader = async (where: LoaderFunctionArgs) => {
  const { organizations } = await apiFor(where)(whoAmI, {});
  const chosen = chosenOrganization(where.request.headers.get('cookie'));
  const organization = organizations.find(({ id }) => id === chosen) ?? organizations[0];
  if (!organization) return redirect('/onboarding');
  return choose(pathOr('/command', new URL(where.request.url).searchParams.get('to')), organization.id);
};

/** The viewer's own choice. The API checks on every call that they are a member. */
export const action = async (where: ActionFunctionArgs) => {
  const form = await where.request.formData();
  const wanted = String(form.get('organization') ?? '');
  const { organizations } = await apiFor(where)(whoAmI, {});
  const organization = organizations.find(({ id }) => id === wanted) ?? organizations[0];
  return organization
    ? choose(pathOr('/command', String(form.get('to') ?? '')), organization.id)
    : redirect('/onboarding');
};
