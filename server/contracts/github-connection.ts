import { z } from 'zod';
import { contract, isoTime, recordId, uuid } from './contract.ts';

/** Projects whose pushes and pull requests use a connection. */
const projects = z.array(z.object({ id: uuid, name: z.string(), organization_id: uuid }));

export const githubConnectionStatus = contract({
  method: 'get',
  path: '/github/connection-status',
  tag: 'github',
  summary: "The caller's connection to GitHub, and the projects that stop without it",
  auth: 'user',
  scope: 'none',
  response: z.object({
    /** Whether this installation can connect accounts at GitHub. */
    available: z.boolean(),
    connected: z.boolean(),
    login: z.string().nullable(),
    /** Of the token, which is never shown. */
    last_four: z.string().nullable(),
    connected_at: isoTime.nullable(),
    projects,
    /** The caller's organizations whose projects at GitHub the installation's own token serves, where they have none. */
    served_by_installation: z.array(z.object({ id: uuid, name: z.string() })),
    /** What to do where there is no connection, or a part of its rights is missing. */
    remedy: z.string().nullable(),
  }),
});

const disconnected = z.object({ projects });

export const githubDisconnect = contract({
  method: 'delete',
  path: '/github/disconnect',
  tag: 'github',
  summary: "Remove the caller's token for repositories at GitHub; answers with the projects that stop",
  auth: 'user',
  scope: 'none',
  response: disconnected,
});
export const githubDisconnectUser = contract({
  method: 'delete',
  path: '/github/admin/disconnect/{user_id}',
  tag: 'github',
  summary: "Remove a user's token for repositories at GitHub (administrators of the installation only)",
  auth: 'administrator',
  scope: 'none',
  params: z.object({ user_id: recordId }),
  response: disconnected,
});
export const githubDisconnectAll = contract({
  method: 'delete',
  path: '/github/admin/disconnect-all',
  tag: 'github',
  summary: "Remove everyone's token for repositories at GitHub (administrators of the installation only)",
  auth: 'administrator',
  scope: 'none',
  response: z.object({ disconnected: z.number().int() }),
});
