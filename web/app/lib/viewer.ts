import { useRouteLoaderData } from '@remix-run/react';
import { grants } from '#workflows/domain/access/permissions.ts';
import type { loader } from '../routes/_shell.tsx';

const useShell = () => {
  const shell = useRouteLoaderData<typeof loader>('routes/_shell');
  if (!shell) throw new Error('A page that needs a signed-in viewer stands outside the shell.');
  return shell;
};

const useViewer = () => useShell().me;

/** Why the viewer may not do what needs this permission; undefined where he may. */
export function useLacks(permission: string, organizationId?: string): string | undefined {
  const { organizations } = useViewer();
  const organization = organizations.find((entry) => entry.id === organizationId) ?? organizations[0];
  if (organization && grants(organization.permissions, permission)) return undefined;
  return `Your role (${organization?.role ?? 'none'}) does not allow this`;
}
