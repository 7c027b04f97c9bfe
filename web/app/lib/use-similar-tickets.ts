import { useEffect, useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { checkDuplicates } from '#server/contracts/tickets.ts';
import { call } from './browser-api.ts';

export type SimilarTicket = Answer<typeof checkDuplicates>['candidates'][number];

/** Shorter titles are like everything. */
const leastChars = 5;
const pauseMs = 500;

/**
 * The open tickets of a project that say the same, looked for at each pause of the writer. Where they cannot be looked
 * for there are none: the creation looks again, and says what went wrong.
 */
export function useSimilarTickets(project_id: string, title: string, description: string): SimilarTicket[] {
  const [found, setFound] = useState<SimilarTicket[]>([]);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      const body = { project_id, title: title.trim(), description };
      const asked =
        body.title.length < leastChars ? Promise.resolve({ candidates: [] }) : call(checkDuplicates, { body });
      void asked.then(
        ({ candidates }) => current && setFound(candidates),
        () => current && setFound([]),
      );
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [project_id, title, description]);
  return found;
}
