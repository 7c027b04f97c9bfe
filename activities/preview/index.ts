import type { PreviewSession } from '#prisma/store/previews.ts';
import { devCommand, isActivePreview, type PreviewStatus } from '#workflows/domain/agent/preview.ts';
import { cutEnd } from '#workflows/domain/text.ts';
import { isLost } from '../agent/sandbox.ts';
import { pageLink } from '../ports/page-link.ts';
import type { Services } from '../ports/services.ts';

interface Start {
  organization_id: string;
  preview_id: string;
  attempt: number;
}

const jobOf = ({ attempt }: Pick<Start, 'attempt'>) => `preview-${attempt}`;
/** Folders of a repository in which a web app is looked for, in this order. */
const folders = ['', 'web', 'frontend', 'client', 'app', 'site', 'apps/web'];
const shownBytes = 1500;

/** Steps of `previewWorkflow`. A start that has ended, or that another one followed, does nothing more. */
export function createPreviewActivities(services: Pick<Services, 'store' | 'sandbox' | 'config'>) {
  const { store, sandbox } = services;

  /** The row while this start goes on and its sandbox runs. */
  async function current(start: Start): Promise<PreviewSession | undefined> {
    const row = await store.previews.get(start.organization_id, start.preview_id);
    if (row.attempt !== start.attempt || !isActivePreview(row.status)) return undefined;
    return row;
  }

  /** Whether something listens on a port. Servers may listen on one of both addresses alone. */
  async function serves(id: string, port: number): Promise<boolean> {
    const tries = ['127.0.0.1', '::1'].map((host) => `(exec 3<>/dev/tcp/${host}/${port})`).join(' || ');
    return (await sandbox.exec(id, ['bash', '-c', tries], { timeoutMs: 5000 })).exitCode === 0;
  }

  async function findCommand(id: string, port: number): Promise<{ cwd: string; command: string } | undefined> {
    for (const cwd of folders) {
      const file = cwd ? `${cwd}/package.json` : 'package.json';
      if ((await sandbox.stat(id, file))?.kind !== 'file') continue;
      const names = await sandbox.readDirectory(id, cwd || '.');
      const command = devCommand(names, (await sandbox.readFile(id, file)).toString(), port);
      if (command) return { cwd, command };
    }
    return undefined;
  }

  return {
    /** `ended`: the preview or its sandbox has ended, or the dev server, which is recorded then. */
    lookAtPreview: async ({
      port,
      ...start
    }: Start & { port: number }): Promise<{ state: 'serving' | 'silent' | 'ended' }> => {
      const row = await current(start);
      if (!row) return { state: 'ended' };
      try {
        if (await serves(row.sandbox_id, port)) return { state: 'serving' };
        if (row.status !== 'starting') return { state: 'silent' };
        const job = await sandbox.waitCommand(row.sandbox_id, jobOf(start), { timeoutMs: 0 });
        if (job.state === 'running') return { state: 'silent' };
        const { head, tail } = await sandbox.readOutput(row.sandbox_id, jobOf(start), {
          headBytes: 0,
          tailBytes: shownBytes,
        });
        const said = cutEnd(Buffer.concat([head, tail]).toString().trim(), shownBytes);
        const reason = `The dev server ended with exit code ${job.exit_code ?? 'unknown'}. ${said}`;
        await store.previews.set(start, { status: 'failed', reason });
        return { state: 'ended' };
      } catch (error) {
        if (!isLost(error)) throw error;
        await store.previews.set(start, { status: 'stopped', reason: 'The sandbox is gone.' });
        return { state: 'ended' };
      }
    },

    /** Starts the dev server, once. @returns why that is not possible. */
    startPreview: async ({ port, ...start }: Start & { port: number }): Promise<{ problem?: string }> => {
      const row = await current(start);
      if (!row) return {};
      const found = row.command ? { cwd: '', command: row.command } : await findCommand(row.sandbox_id, port);
      if (!found)
        return {
          problem: `No package.json here has a script dev, start, serve or preview. Add one, or start a server on port ${port}.`,
        };
      if (!(await store.previews.set(start, { status: 'starting', port, command: found.command }))) return {};
      await sandbox.startCommand(row.sandbox_id, {
        job_id: jobOf(start),
        ...found,
        network: 'none',
        env: { PORT: String(port), HOST: '127.0.0.1', BROWSER: 'none', CI: '' },
      });
      return {};
    },

    /** Ends the dev server. Nothing happens where the sandbox is gone, or the server is the agent's own. */
    stopPreview: async (start: Start): Promise<void> => {
      const { sandbox_id: id } = await store.previews.get(start.organization_id, start.preview_id);
      try {
        await sandbox.killCommand(id, jobOf(start));
      } catch (error) {
        if (!isLost(error)) throw error;
      }
    },

    setPreview: async ({
      status,
      reason,
      port,
      ...start
    }: Start & { status: PreviewStatus; reason?: string; port?: number }): Promise<void> => {
      const row = await store.previews.get(start.organization_id, start.preview_id);
      const url = pageLink(services, `/runs/${row.run_id}?tab=preview`);
      await store.previews.set(start, { status, port, reason: reason ?? null }, url);
    },
  };
}
