import { z } from 'zod';
import { byId, contract, idParams } from './contract.ts';

const counts = z.record(z.string(), z.number().int());

export const projectStats = contract({
  method: 'get',
  path: '/projects/{id}/stats',
  tag: 'projects',
  summary: 'Counts of a project: its specs, tickets, tasks, agents and commits, and how long its specs take',
  auth: 'project:read',
  scope: byId('project'),
  params: idParams,
  response: z.object({
    specs: z.object({ total: z.number().int(), by_status: counts }),
    tickets: z.object({ total: z.number().int(), by_status: counts, by_phase: counts }),
    tasks: z.object({ total: z.number().int(), by_status: counts }),
    /** Runs that have not ended. */
    agents: z.object({ total: z.number().int(), by_status: counts }),
    commits: z.number().int(),
    cost_micros: z.number().int(),
    /**
     * Seconds from the start of a spec to its pull request, eight of ten times, by the newest finished specs; null while
     * too few are finished.
     */
    spec_seconds: z.object({ low: z.number().int(), high: z.number().int(), similar: z.number().int() }).nullable(),
  }),
});
