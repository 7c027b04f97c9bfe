import { z } from 'zod';
import { previewStatuses } from '#workflows/domain/agent/preview.ts';
import { byId, contract, idParams, isoTime, sandboxName, uuid, type ScopeOf } from './contract.ts';

const port = z.number().int().min(1).max(65_535);

export const previewSchema = z.object({
  id: uuid,
  run_id: uuid,
  sandbox_id: z.string(),
  /** pending: it waits for the agent's own server, then the project's dev server is started. */
  status: z.enum(previewStatuses),
  port,
  /** The command of the dev server; null: the agent's own server. */
  command: z.string().nullable(),
  /** What it waits for, or why it failed or stopped. */
  reason: z.string().nullable(),
  /** When the present wait ends; null without one. */
  waits_until: isoTime.nullable(),
  requested_by: z.string(),
  created_at: isoTime,
  changed_at: isoTime,
});
const ofSandbox: ScopeOf = { kind: 'sandbox', from: 'body', field: 'sandbox_id' };

export const createPreview = contract({
  method: 'post',
  path: '/preview',
  tag: 'runs',
  summary: "Start the preview of the web app in a run's sandbox. A sandbox has one preview",
  auth: 'task:write',
  starts_work: true,
  scope: ofSandbox,
  status: 201,
  failures: [409],
  body: z.strictObject({
    sandbox_id: sandboxName,
    port: port.optional(),
    /** Starts the dev server at once, in the workspace. Unset: the agent's own server is waited for, then a script of package.json runs. */
    command: z.string().trim().min(1).max(2000).optional(),
  }),
  response: previewSchema,
});
export const getPreview = contract({
  method: 'get',
  path: '/preview/{id}',
  tag: 'runs',
  summary: 'Get a preview',
  auth: 'agent:read',
  scope: byId('preview'),
  params: idParams,
  response: previewSchema,
});
export const sandboxPreview = contract({
  method: 'get',
  path: '/preview/sandbox/{id}',
  tag: 'runs',
  summary: 'Get the preview of a sandbox; null when it has none',
  auth: 'agent:read',
  scope: byId('sandbox'),
  params: z.object({ id: sandboxName }),
  response: z.object({
    preview: previewSchema.nullable(),
    /** Why a preview cannot be started here; null: it can. */
    problem: z.string().nullable(),
  }),
});
export const stopPreview = contract({
  method: 'delete',
  path: '/preview/{id}',
  tag: 'runs',
  summary: 'Stop a preview. Its dev server ends',
  auth: 'task:write',
  scope: byId('preview'),
  params: idParams,
  response: previewSchema,
});
export const openPreview = contract({
  method: 'post',
  path: '/preview/{id}/open',
  tag: 'runs',
  summary: 'Get an address at which a browser shows a ready preview, with the rights of the caller',
  auth: 'agent:read',
  scope: byId('preview'),
  failures: [409],
  params: idParams,
  shown_once: ['url'],
  response: z.object({
    /** It is a secret: whoever has it sees the preview, while the caller's sign-in or key and the sandbox last. */
    url: z.string(),
    expires_at: isoTime,
  }),
});

const notice = z.strictObject({ port });
const notify = {
  method: 'post',
  tag: 'runs',
  summary: 'Say that a server in the sandbox serves on a port. Its preview is started, or follows',
  auth: 'task:write',
  agent: 'task:write',
  failures: [409],
  response: previewSchema,
} as const;
export const notifyPreview = contract({
  ...notify,
  path: '/preview/notify',
  scope: ofSandbox,
  body: notice.extend({ sandbox_id: sandboxName }),
});
/** The same by a path that commands in the sandbox reach. */
export const notifyPreviewOfRun = contract({
  ...notify,
  path: '/runs/{id}/preview/notify',
  scope: byId('run'),
  params: idParams,
  body: notice,
});
