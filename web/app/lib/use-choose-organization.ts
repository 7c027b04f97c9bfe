import { useSubmit } from '@remix-run/react';
import { useCallback } from 'react';

/** Chooses an organization and opens a page; the frame around the pages is loaded again with its names and rights. */
export function useChooseOrganization() {
  const submit = useSubmit();
  return useCallback(
    (id: string, to = '/command') =>
      submit({ organization: id, to }, { method: 'post', action: '/organization', preventScrollReset: true }),
    [submit],
  );
}
