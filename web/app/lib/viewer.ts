import { useRouteLoaderData } from '@remix-run/react';
import { grants } from '#workflows/domain/access/permissions.ts';
import type { loadShell } from './shell.server.ts';

const useShell = () => {
  const shell = useRouteLoaderData<typeof loadShell>('routes/_shell');
  if (!shell) throw new Error('This page needs a signed-in viewer but lies outside the shell route.');
  return shell;
};

/** The signed-in person. */
export const useViewer = () => useShell().me;

/** The organization whose work the pages show. */
export const useOrganization = () => useShell().organization;

/** What the viewer may do in an organization: the chosen one, or another. */
export function useRights(organizationId?: string): { role: string; permissions: string[] } {
  const { me, organization: chosen } = useShell();
  const organization = me.organizations.find((entry) => entry.id === (organizationId ?? chosen.id));
  const { role = 'none', permissions = [] } = organization ?? {};
  return { role, permissions: me.is_super_admin ? ['*:*'] : permissions };
}

/** Why these rights lack a permission, as a sentence; undefined when they have it. */
export const lackOf = ({ role, permissions }: { role: string; permissions: string[] }, permission: string) =>
  grants(permissions, permission) ? undefined : `Your role (${role}) does not allow this`;

/** Why the viewer lacks this permission. */
export const useLacks = (permission: string, organizationId?: string): string | undefined =>
  lackOf(useRights(organizationId), permission);
