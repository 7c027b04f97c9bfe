import type { StoreCore, Transaction } from './core.ts';
import type { Run } from './json.ts';
import { endPreview } from './previews.ts';
import { isUuid } from './scopes.ts';

/** Projects of an organization with open sandboxes whose runs have ended, and how many each has. */
const unusedByProject = (db: Pick<Transaction, '$queryRaw'>, organizationId: string) =>
  db.$queryRaw<{ project_id: string; unused: number }[]>`
    SELECT s.project_id, count(*)::int AS unused
    FROM sandboxes s
    JOIN runs r ON r.id = s.run_id
    WHERE s.organization_id = ${organizationId}::uuid AND s.ended_at IS NULL AND r.ended_at IS NOT NULL
    GROUP BY s.project_id
    ORDER BY s.project_id`;

export function sandboxesStore(core: StoreCore) {
  return {
    start: (
      run: Pick<Run, 'id' | 'organization_id' | 'project_id' | 'sandbox_id' | 'task_id' | 'branch'>,
      sandbox: { provider: string; labels: object; limits: object },
    ) =>
      core.change(async (tx, emit) => {
        const id = run.sandbox_id;
        const known = await tx.sandbox.findUnique({ where: { id } });
        if (known?.status === 'running') return;
        await tx.sandbox.upsert({
          where: { id },
          create: {
            id,
            organization_id: run.organization_id,
            project_id: run.project_id,
            run_id: run.id,
            provider: sandbox.provider,
            provider_id: id,
            status: 'running',
            labels: sandbox.labels,
            limits: sandbox.limits,
          },
          update: { status: 'running', ended_at: null, end_reason: null },
        });
        emit({
          type: 'sandbox.spawned',
          organization_id: run.organization_id,
          project_id: run.project_id,
          entity: { kind: 'run', id: run.id },
          data: {
            run_id: run.id,
            sandbox_id: id,
            task_id: run.task_id,
            branch: run.branch,
            provider: sandbox.provider,
            labels: sandbox.labels,
            limits: sandbox.limits,
          },
        });
      }),

    end: (
      organizationId: string,
      sandboxId: string,
      end: { status: 'completed' | 'failed' | 'terminated'; reason: string },
    ) =>
      core.change(async (tx, emit) => {
        const sandbox = await tx.sandbox.findFirst({
          where: { id: sandboxId, organization_id: organizationId, ended_at: null },
        });
        if (!sandbox) return;
        const run = await tx.run.findUniqueOrThrow({
          where: { id: sandbox.run_id },
          select: { task_id: true, last_work_at: true },
        });
        const idle =
          end.reason === 'idle_timeout' && run.last_work_at
            ? { idle_duration_seconds: Math.round((Date.now() - run.last_work_at.getTime()) / 1000) }
            : {};
        await tx.sandbox.update({
          where: { id: sandboxId },
          data: { status: end.status, end_reason: end.reason, ended_at: new Date() },
        });
        await endPreview(tx, emit, sandboxId, 'The sandbox has ended.');
        emit({
          type: end.reason === 'idle_timeout' ? 'sandbox.terminated_idle' : 'sandbox.terminated',
          organization_id: organizationId,
          project_id: sandbox.project_id,
          entity: { kind: 'run', id: sandbox.run_id },
          data: {
            run_id: sandbox.run_id,
            task_id: run.task_id,
            sandbox_id: sandboxId,
            reason: end.reason,
            ...idle,
            transcript_saved: true,
          },
        });
      }),

    ofRun: (organizationId: string, runId: string) =>
      core.read((db) =>
        db.sandbox.findFirst({
          where: { organization_id: organizationId, run_id: runId },
          orderBy: { created_at: 'desc' },
        }),
      ),

    /** The id of the run that a sandbox was made for; what is not a sandbox's name is taken as the id of a run. */
    runNamed: (name: string) =>
      core.read(async (db) => {
        if (isUuid(name)) return name;
        const sandbox = await db.sandbox.findUnique({ where: { id: name }, select: { run_id: true } });
        return sandbox?.run_id ?? name;
      }),

    /** Sandboxes of an organization by status, and how many are open although their run has ended. */
    numbers: (organizationId: string) =>
      core.read(async (db) => {
        const groups = await db.sandbox.groupBy({
          by: ['status'],
          where: { organization_id: organizationId },
          _count: true,
        });
        const unused = await unusedByProject(db, organizationId);
        return {
          sandboxes: Object.fromEntries(groups.map(({ status, _count: count }) => [status, count])),
          unused: unused.reduce((sum, project) => sum + project.unused, 0),
        };
      }),

    unusedByProject: (organizationId: string) => core.read((db) => unusedByProject(db, organizationId)),

    /** Open sandboxes of runs that ended more than a minute ago. Normally the end of a run destroys its sandbox. */
    orphans: () =>
      core.read(
        (db) => db.$queryRaw<{ id: string; organization_id: string; project_id: string }[]>`
        SELECT s.id, s.organization_id, s.project_id
        FROM sandboxes s
        JOIN runs r ON r.id = s.run_id
        WHERE s.ended_at IS NULL
          AND r.ended_at < now() - interval '1 minute'`,
      ),
  };
}
