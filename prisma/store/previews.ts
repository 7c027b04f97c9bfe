import { AppError, notFound } from '#workflows/domain/errors.ts';
import { isActivePreview, type PreviewStatus } from '#workflows/domain/agent/preview.ts';
import type { PreviewSession, PreviewToken, Run } from '../generated/client.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';

export type { PreviewSession } from '../generated/client.ts';

function announce(emit: Emit, row: PreviewSession, url?: string): void {
  const { organization_id, project_id, run_id, sandbox_id, id: preview_id, status, port, reason } = row;
  const about = { organization_id, project_id, entity: { kind: 'run' as const, id: run_id } };
  const data = { run_id, sandbox_id, preview_id, status, port };
  if (url === undefined) emit({ type: 'preview.changed', ...about, data: { ...data, reason } });
  else emit({ type: 'preview.ready', ...about, data: { ...data, preview_url: url } });
}

const active = { in: ['pending', 'starting', 'ready'] };

/** Stops the preview of a sandbox, in the transaction that ends the sandbox. */
export async function endPreview(tx: Transaction, emit: Emit, sandboxId: string, reason: string): Promise<void> {
  const row = await tx.previewSession.findFirst({ where: { sandbox_id: sandboxId, status: active } });
  if (!row) return;
  const data = { status: 'stopped', reason, changed_at: new Date() };
  announce(emit, await tx.previewSession.update({ where: { id: row.id }, data }));
}

/** The previews of web apps in sandboxes, and the tokens by which their viewers reach them. */
export function previewsStore(core: StoreCore) {
  return {
    /**
     * Starts the preview of a run's sandbox: a new row, or the row of one that has ended.
     * @throws conflict when one is under way, or the sandbox does not run.
     */
    open: (
      run: Pick<Run, 'id' | 'organization_id' | 'project_id' | 'sandbox_id' | 'sandbox_host'>,
      { id, ...wanted }: Pick<PreviewSession, 'id' | 'port' | 'command' | 'requested_by'>,
    ): Promise<PreviewSession> =>
      core.change(async (tx, emit) => {
        const known = await tx.previewSession.findUnique({ where: { sandbox_id: run.sandbox_id } });
        if (known && isActivePreview(known.status))
          throw new AppError('conflict', `The sandbox has a preview already: ${known.id} is ${known.status}.`);
        const sandbox = await tx.sandbox.findUnique({ where: { id: run.sandbox_id } });
        if (sandbox?.status !== 'running')
          throw new AppError('conflict', 'The sandbox does not run, so there is nothing to preview.');
        const fresh = { ...wanted, status: 'pending', reason: null, changed_at: new Date() };
        const { id: run_id, ...place } = run;
        const row = known
          ? await tx.previewSession.update({
              where: { id: known.id },
              data: { ...fresh, attempt: known.attempt + 1 },
            })
          : await tx.previewSession.create({ data: { ...fresh, ...place, id, run_id } });
        announce(emit, row);
        return row;
      }),

    get: async (organizationId: string, id: string): Promise<PreviewSession> => {
      const row = await core.read((db) =>
        db.previewSession.findFirst({ where: { id, organization_id: organizationId } }),
      );
      if (!row) throw notFound('preview');
      return row;
    },
    ofRun: (organizationId: string, runId: string) =>
      core.read((db) => db.previewSession.findFirst({ where: { run_id: runId, organization_id: organizationId } })),

    /**
     * Changes one start of a preview, unless it has ended or another start has followed it.
     * @param url where people see it, for the event of one that becomes ready.
     * @returns the row; undefined when nothing may change it.
     */
    set: (
      { organization_id, preview_id, attempt }: { organization_id: string; preview_id: string; attempt: number },
      change: { status: PreviewStatus; port?: number; command?: string; reason?: string | null },
      url?: string,
    ): Promise<PreviewSession | undefined> =>
      core.change(async (tx, emit) => {
        const where = { id: preview_id, organization_id, attempt, status: active };
        const known = await tx.previewSession.findFirst({ where });
        if (!known) return undefined;
        const changed = Object.entries(change).some(
          ([name, value]) => value !== undefined && known[name as keyof typeof change] !== value,
        );
        if (!changed) return known;
        const row = await tx.previewSession.update({
          where: { id: known.id },
          data: { reason: null, ...change, changed_at: new Date() },
        });
        announce(emit, row, change.status === 'ready' ? url : undefined);
        return row;
      }),

    /** Starts that no workflow has taken up for a minute. */
    notStarted: (since: Date) =>
      core.read((db) =>
        db.previewSession.findMany({
          where: { status: 'pending', changed_at: { gt: since, lt: new Date(Date.now() - 60_000) } },
          take: 200,
        }),
      ),

    /** Gives a viewer a token. Those that have expired are deleted. */
    issueToken: (token: PreviewToken) =>
      core.change(async (tx) => {
        await tx.previewToken.deleteMany({
          where: { preview_id: token.preview_id, expires_at: { lt: new Date() } },
        });
        await tx.previewToken.create({ data: token });
      }),

    /** What a token leads to: only while its start of the preview is ready and the sandbox runs. */
    ofToken: (hashedToken: string) =>
      core.read(async (db) => {
        const token = await db.previewToken.findUnique({
          where: { hashed_token: hashedToken },
          include: { preview: true },
        });
        if (!token || token.expires_at < new Date()) return undefined;
        const { preview, attempt, port } = token;
        if (preview.status !== 'ready' || preview.attempt !== attempt || preview.port !== port) return undefined;
        const sandbox = await db.sandbox.findFirst({ where: { id: preview.sandbox_id, ended_at: null } });
        return sandbox ? { ...token, preview } : undefined;
      }),
  };
}
