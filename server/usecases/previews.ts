import { randomBytes } from 'node:crypto';
import { openPreview } from '#activities/ports/open-preview.ts';
import { previewOrigin } from '#activities/ports/page-link.ts';
import type { Services } from '#activities/ports/services.ts';
import type { PreviewSession } from '#prisma/store/previews.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { servingSignal, stopPreviewSignal } from '#workflows/contracts/preview.ts';
import { isActivePreview, type PreviewStatus } from '#workflows/domain/agent/preview.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/previews.ts';
import type { Call } from '../http/context.ts';
import { sha256 } from '../http/tokens.ts';

/** A viewer's address works so long at most; a page asks for a new one. */
const tokenHours = 12;

function view({ config }: Services, row: PreviewSession) {
  const { wait_seconds, start_seconds } = config.preview;
  const waits = { pending: wait_seconds, starting: start_seconds }[row.status];
  const waiting = {
    pending: row.command
      ? 'It waits for the start of the dev server.'
      : `It waits for the agent's own server on port ${row.port}. After ${wait_seconds} s it starts the project's dev server.`,
    starting: `It waits until the dev server serves port ${row.port}.`,
  }[row.status];
  return {
    id: row.id,
    run_id: row.run_id,
    sandbox_id: row.sandbox_id,
    status: row.status as PreviewStatus,
    port: row.port,
    command: row.command,
    reason: row.reason ?? waiting ?? null,
    waits_until: waits === undefined ? null : new Date(row.changed_at.getTime() + waits * 1000).toISOString(),
    requested_by: row.requested_by,
    created_at: row.created_at.toISOString(),
    changed_at: row.changed_at.toISOString(),
  };
}

function problemHere(services: Services): string | null {
  const { sandbox } = services;
  if (!sandbox.ports)
    return `Sandboxes of ${sandbox.provider} show no ports here: a preview needs sandboxes that isolate commands.`;
  if (!previewOrigin(services, 'token'))
    return 'PREVIEW_ORIGIN is not set. Set it to https://{token}.HOST, a wildcard host that leads to this server.';
  return null;
}

function requirePossible(services: Services): void {
  const problem = problemHere(services);
  if (problem) throw new AppError('invalid_rule', problem);
}

export async function createPreview(call: Call, { sandbox_id: name, ...wanted }: Body<typeof contracts.createPreview>) {
  const { services, organization_id, actor } = call;
  const { store } = services;
  requirePossible(services);
  const run = await store.runs.get(organization_id, await store.sandboxes.runNamed(name));
  return view(services, await openPreview(services, run, { id: call.newId('preview'), by: actor.email, ...wanted }));
}

export async function getPreview({ services, organization_id }: Call, id: string) {
  return view(services, await services.store.previews.get(organization_id, id));
}

export async function sandboxPreview({ services, organization_id }: Call, name: string) {
  const { store } = services;
  const row = await store.previews.ofRun(organization_id, await store.sandboxes.runNamed(name));
  return { preview: row && view(services, row), problem: problemHere(services) };
}

/** The row ends first: from then on no viewer reaches the sandbox, whatever becomes of the signal. */
export async function stopPreview({ services, organization_id, actor }: Call, id: string) {
  const { store, workflows } = services;
  const row = await store.previews.get(organization_id, id);
  const start = { organization_id, preview_id: id, attempt: row.attempt };
  const stopped = await store.previews.set(start, { status: 'stopped', reason: `Stopped by ${actor.email}.` });
  await workflows.signalIfRunning(workflowId.preview(id, row.attempt), stopPreviewSignal, {});
  return view(services, stopped ?? (await store.previews.get(organization_id, id)));
}

/** A server of the agent's own: its preview follows to its port, or begins. */
export async function notifyPreview(call: Call, runId: string, { port }: { port: number }) {
  const { services, organization_id, actor } = call;
  const { store, workflows } = services;
  requirePossible(services);
  const row = await store.previews.ofRun(organization_id, runId);
  if (row && isActivePreview(row.status)) {
    await workflows.signalIfRunning(workflowId.preview(row.id, row.attempt), servingSignal, { port });
    return view(services, row);
  }
  const run = await store.runs.get(organization_id, runId);
  return view(services, await openPreview(services, run, { id: call.newId('preview'), by: actor.email, port }));
}

/** A token is bound to its viewer, by the sign-in or key, and to this start and port of this sandbox's preview. */
export async function openPreviewFor({ services, organization_id, actor }: Call, id: string) {
  const { store } = services;
  const row = await store.previews.get(organization_id, id);
  if (row.status !== 'ready')
    throw new AppError('conflict', `The preview is ${row.status}, so there is nothing to show yet.`);
  const owner = actor.session_id ?? actor.key_id;
  const token = randomBytes(20).toString('hex');
  const origin = previewOrigin(services, token);
  if (!origin || !owner) throw new AppError('invalid_rule', problemHere(services) ?? 'Sign in to see a preview.');
  const expires = new Date(Date.now() + tokenHours * 3_600_000);
  await store.previews.issueToken({
    hashed_token: sha256(token),
    preview_id: id,
    attempt: row.attempt,
    port: row.port,
    via: actor.session_id ? 'session' : 'key',
    owner_id: owner,
    expires_at: expires,
  });
  return { url: `${origin}/`, expires_at: expires.toISOString() };
}
