import { useRouteLoaderData } from '@remix-run/react';
import { grants } from '#workflows/domain/access/permissions.ts';
import type { loadOnboarding } from './onboarding.server.ts';
import type { loadShell } from './shell.server.ts';
import type { loadOrganization } from './organization.server.ts';

const outside = () => new Error('This part needs a signed-in viewer, but its page has none.');
const useShell = () => useRouteLoaderData<typeof loadShell>('routes/_shell');

/** The signed-in person. */
export function useViewer() {
  const [shell, first] = [useShell(), useRouteLoaderData<typeof loadOnboarding>('routes/onboarding')];
  const me = shell?.me ?? first?.me;
  if (!me) throw outside();
  return me;
}

/** The organization whose work the pages show. */
export function useOrganization() {
  const shell = useShell();
  if (!shell) throw outside();
  return shell.organization;
}

/** The organization that the page is about, on the pages of one that the viewer may read. */
export const useShownOrganization = () =>
  useRouteLoaderData<typeof loadOrganization>('routes/_shell.organizations.$organizationId')?.organization;

/** What the viewer may do in an organization: the chosen one, or another. Of the archived ones it is known on their pages. */
export function useRights(organizationId?: string): { role: string; permissions: string[] } {
  const [me, shell] = [useViewer(), useShell()];
  const id = organizationId ?? shell?.organization.id;
  const shown = useShownOrganization();
  const { role = 'none', permissions = [] } =
    me.organizations.find((entry) => entry.id === id) ?? (shown?.id === id ? shown : undefined) ?? {};
  return { role, permissions: me.is_super_admin ? ['*:*'] : permissions };
}

/** The viewer's rights in an organization that an answer of the API says. */
export const useRightsIn = ({ role, permissions }: { role: string; permissions: string[] }) => ({
  role,
  permissions: useViewer().is_super_admin ? ['*:*'] : permissions,
});

/** Why these rights lack a permission, as a sentence; undefined when they have it. */
export const lackOf = ({ role, permissions }: { role: string; permissions: string[] }, permission: string) =>
  grants(permissions, permission) ? undefined : `Your role (${role}) does not allow this`;

/** Why the viewer lacks this permission. */
export const useLacks = (permission: string, organizationId?: string): string | undefined =>
  lackOf(useRights(organizationId), permission);
