import { notFound } from '#workflows/domain/errors.ts';
import { projectRow, type Project } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';

export type { Project, ProjectSettings } from './json.ts';

export function projectsStore(core: StoreCore) {
  return {
    /** A repeated call with the same id gives the same project. */
    create: (input: {
      id: string;
      organization_id: string;
      name: string;
      description?: string | null;
      repository_url?: string | null;
      repository_path?: string | null;
      credential_id?: string | null;
      default_branch: string;
      settings?: object;
      created_by: string | null;
    }) =>
      core.change(async (tx, emit) => {
        const known = await tx.project.findUnique({ where: { id: input.id } });
        if (known) return projectRow(known);
        const project = await tx.project.create({ data: input });
        emit({
          type: 'project.created',
          organization_id: project.organization_id,
          project_id: project.id,
          entity: { kind: 'project', id: project.id },
          data: { name: project.name },
        });
        return projectRow(project);
      }),

    get: async (organizationId: string, id: string): Promise<Project> => {
      const project = await core.read((db) => db.project.findFirst({ where: { id, organization_id: organizationId } }));
      if (!project) throw notFound('project');
      return projectRow(project);
    },
    list: (organizationId: string, filter: { status?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, async (query) => {
          const where = { AND: [{ organization_id: organizationId, ...filter }, query.where] };
          return (await db.project.findMany({ ...query, where })).map(projectRow);
        }),
      ),
    /** Whether a project of another organization, neither of them archived, has its repository at one of these paths. */
    isPathOfOthers: (organizationId: string, paths: string[]) =>
      core.read(
        async (db) =>
          (await db.project.count({
            where: {
              repository_path: { in: paths },
              organization_id: { not: organizationId },
              status: { not: 'archived' },
              organization: { archived_at: null },
            },
          })) > 0,
      ),
    /** Projects whose URL holds a user name or a token, which an earlier version stored there. */
    withSecretInUrl: () =>
      core.read(async (db) =>
        (
          await db.project.findMany({
            where: { repository_url: { startsWith: 'http', contains: '@' }, credential_id: null },
          })
        ).map(projectRow),
      ),
    update: (
      organizationId: string,
      id: string,
      data: {
        name?: string;
        description?: string | null;
        settings?: object;
        status?: string;
        autonomous_execution_enabled?: boolean;
        default_branch?: string;
        repository_url?: string;
        credential_id?: string;
      },
    ) =>
      core.change(async (tx, emit) => {
        const known = await tx.project.findFirst({ where: { id, organization_id: organizationId } });
        if (!known) throw notFound('project');
        const project = await tx.project.update({ where: { id }, data: { ...data, updated_at: new Date() } });
        emit({
          type: 'project.updated',
          organization_id: organizationId,
          project_id: id,
          entity: { kind: 'project', id },
          data: { name: project.name },
        });
        return projectRow(project);
      }),
    /** The active projects of every organization, for maintenance by the platform. */
    all: () => core.read(async (db) => (await db.project.findMany({ where: { status: 'active' } })).map(projectRow)),
  };
}
