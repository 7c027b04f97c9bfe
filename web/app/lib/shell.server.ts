import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { me as whoAmI } from '#server/contracts/auth.ts';
import { newestEvent } from '#server/contracts/events.ts';
import { report } from '#server/contracts/report.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { addressWith, apiFor } from './api.server.ts';
import { chosenOrganization } from './preferences.ts';

/** Data around every page: the viewer, the projects, and counts of what works and waits. */
export async function loadShell(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const me = await api(whoAmI, {});
  const [first, ...others] = me.organizations;
  if (!first) throw redirect('/welcome');
  const chosen = chosenOrganization(where.request.headers.get('cookie'));
  const organization = me.organizations.find(({ id }) => id === chosen) ?? (chosen || others.length > 0 ? null : first);
  if (!organization) throw redirect(addressWith('/organization', where.request));
  // Read first: events that happen while the rest loads then arrive over the live feed, and none is missed.
  const { newest } = await api(newestEvent, {});
  const [{ runs, waiting_on_you: waiting }, projects] = await Promise.all([
    api(report, {}),
    api(listProjects, { query: { status: 'active', limit: 8 } }),
  ]);
  return {
    me,
    organization: { id: organization.id, name: organization.name },
    newest,
    runs,
    waiting: waiting.length,
    projects: projects.items.map(({ id, name }) => ({ id, name })),
    more_projects: projects.next_cursor !== null,
    model_provider: where.context.modelProvider,
    now: Date.now(),
  };
}
