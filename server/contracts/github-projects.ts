import { z } from 'zod';
import { changeSafety } from '#workflows/domain/access/permissions.ts';
import { contract, isoTime, listOf, pageQuery, recordId, uuid, type ScopeOf } from './contract.ts';
import { githubName, githubPull } from './github-repositories.ts';

const ofProject: ScopeOf = { kind: 'project', from: 'query', field: 'project_id' };
const query = z.object({ project_id: recordId });

const connected = z.object({
  project_id: uuid,
  project_name: z.string(),
  /** owner/name, in lower case. */
  full_name: z.string(),
  repository_url: z.string().nullable(),
  default_branch: z.string(),
  /** Of the account whose token pushes and opens pull requests; null where it was disconnected or its owner left. */
  login: z.string().nullable(),
  /** The installation's App pushes and opens pull requests, and its webhook tells of events. */
  app: z.boolean(),
  /** Why the repository cannot be worked on, as it was last read at GitHub, and what to do; null: it can. */
  problem: z.string().nullable(),
  webhook: z.object({
    url: z.string(),
    registered: z.boolean(),
    /** Why GitHub took no webhook, and what to do. */
    problem: z.string().nullable(),
    last_event: z.string().nullable(),
    last_event_at: isoTime.nullable(),
  }),
  synced_at: isoTime.nullable(),
  connected_at: isoTime,
});

export const connectGithub = contract({
  method: 'post',
  path: '/github/connect',
  tag: 'github',
  summary: "Connect a repository at GitHub to a project by the caller's connection, and register a webhook there",
  auth: changeSafety,
  while_archived: false,
  scope: ofProject,
  failures: [400, 403, 404, 409, 429, 503],
  query,
  body: z.strictObject({
    owner: githubName,
    repo: githubName,
    /** Of a webhook that exists already; by default a new one is made. It is never shown. */
    webhook_secret: z.string().min(16).max(200).optional(),
  }),
  response: connected,
});
export const disconnectGithub = contract({
  method: 'delete',
  path: '/github/connect',
  tag: 'github',
  summary: "End the connection of a project's repository, and remove its webhook; the address stays",
  auth: changeSafety,
  scope: ofProject,
  query,
  status: 204,
});
export const githubConnected = contract({
  method: 'get',
  path: '/github/connected',
  tag: 'github',
  summary: 'Projects whose repository at GitHub is connected',
  auth: 'project:read',
  scope: { ...ofProject, optional: true },
  query: pageQuery.extend({ project_id: recordId.optional() }),
  response: listOf(connected),
});
export const syncGithub = contract({
  method: 'post',
  path: '/github/sync',
  tag: 'github',
  summary: "Bring the platform's copy of a connected repository up to date, and read its open pull requests",
  auth: 'project:write',
  scope: ofProject,
  failures: [400, 404, 409, 429, 503],
  query,
  response: z.object({
    default_branch: z.string(),
    head_sha: z.string(),
    /** The open ones, at most 200; `pull_request_id` of those that the platform opened. */
    pull_requests: z.array(githubPull.extend({ pull_request_id: uuid.nullable() })),
    /** Pull requests of the platform that are read at GitHub because of it. */
    changed: z.array(uuid),
  }),
});
