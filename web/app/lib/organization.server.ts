import type { LoaderFunctionArgs } from '@remix-run/node';
import { getOrganization } from '#server/contracts/organizations.ts';
import { apiFor } from './api.server.ts';

/**
 * The organization that a page is about, with the viewer's rights there. A role may show one of its pages without the
 * right to read the organization itself: the page answers by itself for what it reads.
 */
export const loadOrganization = async (where: LoaderFunctionArgs) => ({
  organization: await apiFor(where)(getOrganization, { params: { id: where.params.organizationId ?? '' } }).catch(
    (error: unknown) => {
      if (error instanceof Response) throw error;
      return undefined;
    },
  ),
});
