import { useMatches } from '@remix-run/react';

interface Crumb {
  label: string;
  to?: string;
}

/** What a page says of itself in its route's `handle`, from the data that its loader returned. */
interface PageHandle {
  crumbs?: (data: unknown) => Crumb[];
  /** The organization of the record that the page shows. */
  organization?: (data: unknown) => string | undefined;
}

/** Reads the handles of the shown routes, the outermost first. */
export const useHandles = <T>(read: (handle: PageHandle, data: unknown) => T[]): T[] =>
  useMatches().flatMap(({ handle, data }) => (handle && data ? read(handle as PageHandle, data) : []));
