import type { ScopeKind } from '#workflows/domain/access/scope-kind.ts';
import type { StoreCore } from './core.ts';

/** The organization that a record belongs to: checked first in every request that names an id. */
export function scopesStore(core: StoreCore) {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return {
    organizationOf: (kind: ScopeKind, id: string) =>
      core.read(async (db): Promise<string | null> => {
        if (!uuid.test(id)) return null;
        const select = { organization_id: true } as const;
        const where = { id };
        switch (kind) {
          case 'organization':
            return (await db.organization.findUnique({ where, select: { id: true } }))?.id ?? null;
          case 'project':
            return (await db.project.findUnique({ where, select }))?.organization_id ?? null;
          case 'spec':
            return (await db.spec.findUnique({ where, select }))?.organization_id ?? null;
          case 'ticket':
            return (await db.ticket.findUnique({ where, select }))?.organization_id ?? null;
          case 'task':
            return (await db.task.findUnique({ where, select }))?.organization_id ?? null;
          case 'run':
            return (await db.run.findUnique({ where, select }))?.organization_id ?? null;
          case 'pull_request':
            return (await db.pullRequest.findUnique({ where, select }))?.organization_id ?? null;
          case 'discovery':
            return (await db.discovery.findUnique({ where, select }))?.organization_id ?? null;
        }
      }),
  };
}
