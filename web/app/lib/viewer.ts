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

/** Why the viewer lacks this permission, as a sentence; undefined when they have it. */
export function useLacks(permission: string, organizationId?: string): string | undefined {
  const { me, organization: chosen } = useShell();
  const organization = me.organizations.find((entry) => entry.id === (organizationId ?? chosen.id));
  if (organization && grants(organization.permissions, permission)) return undefined;
  return `Your role (${organization?.role ?? 'none'}) does not allow this`;
}
