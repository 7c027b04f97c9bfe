import { isDeepStrictEqual } from 'node:util';
import { notFound } from '#workflows/domain/errors.ts';
import { projectRow, type Project } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';

export type { Project } from './json.ts';
export type { ProjectSettings } from './project-settings.ts';

/** What a change log shows of a project: each setting by its own name, and no token. */
const shownFields = (project: Parameters<typeof projectRow>[0]): Record<string, unknown> => {
  const { name, description, status, default_branch, autonomous_execution_enabled, settings } = projectRow(project);
  const named = Object.entries(settings).map(([key, value]) => [`settings.${key}`, value]);
  return {
    name,
    description,
    status,
    default_branch,
    autonomous_execution_enabled,
    repository: project.repository_path ?? project.repository_url,
    ...(Object.fromEntries(named) as object),
  };
};

/** The fields that differ. A value that is absent is null. */
function changesOf(before: Record<string, unknown>, after: Record<string, unknown>) {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    fields
      .filter((field) => !isDeepStrictEqual(before[field], after[field]))
      .map((field) => [field, { old: before[field] ?? null, new: after[field] ?? null }]),
  );
}

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
      repository_dir?: string | null;
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
    /**
     * Git folders that belong to other organizations: those of their projects, neither of them archived. Where several
     * organizations name one, the oldest project has it.
     */
    dirsOfOthers: async (organizationId: string): Promise<string[]> => {
      const rows = await core.read((db) =>
        db.project.findMany({
          where: { repository_path: { not: null }, status: { not: 'archived' }, organization: { archived_at: null } },
          select: { organization_id: true, repository_path: true, repository_dir: true },
          orderBy: [{ created_at: 'asc' }, { id: 'asc' }],
        }),
      );
      const owners = new Map<string, string>();
      for (const { organization_id, repository_path: path, repository_dir: dir } of rows)
        for (const folder of dir ? [dir] : [path, `${path}/.git`])
          if (folder && !owners.has(folder)) owners.set(folder, organization_id);
      return [...owners].filter(([, owner]) => owner !== organizationId).map(([folder]) => folder);
    },
    /** Projects of all organizations whose address contains a text in lower case, since an event of a code host names none. */
    atAddress: (text: string) =>
      core.read(
        (db) =>
          db.$queryRaw<{ id: string; organization_id: string; repository_url: string; default_branch: string }[]>`
          SELECT id, organization_id, repository_url, default_branch
          FROM projects
          WHERE status <> 'archived' AND strpos(lower(repository_url), ${text}) > 0
          ORDER BY created_at, id`,
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
        repository_path?: null;
        repository_dir?: null;
        credential_id?: string | null;
      },
      /** E-mail address of who changes it. */
      by = 'platform',
    ) =>
      core.change(async (tx, emit) => {
        const known = await tx.project.findFirst({ where: { id, organization_id: organizationId } });
        if (!known) throw notFound('project');
        const project = await tx.project.update({ where: { id }, data: { ...data, updated_at: new Date() } });
        const changes = changesOf(shownFields(known), shownFields(project));
        emit({
          type: 'project.updated',
          organization_id: organizationId,
          project_id: id,
          entity: { kind: 'project', id },
          data: { name: project.name, by, changes },
        });
        return projectRow(project);
      }),
    /** Names of the branches that the platform made for a project: of its tickets, tasks and runs. */
    branchesOf: (organizationId: string, id: string): Promise<string[]> =>
      core.read(async (db) => {
        const query = {
          where: { organization_id: organizationId, project_id: id },
          select: { branch: true },
          distinct: ['branch' as const],
        };
        const rows = [
          ...(await db.ticket.findMany(query)),
          ...(await db.task.findMany(query)),
          ...(await db.run.findMany(query)),
        ];
        return [...new Set(rows.flatMap(({ branch }) => branch ?? []))];
      }),
    /** The projects of a user's organizations at whose repository a credential signs in. */
    ofCredential: (userId: string, credentialId: string) =>
      core.read((db) =>
        db.project.findMany({
          where: {
            credential_id: credentialId,
            status: { not: 'archived' },
            organization: { memberships: { some: { user_id: userId } } },
          },
          select: { id: true, name: true, organization_id: true },
          orderBy: { created_at: 'asc' },
        }),
      ),
    /** The addresses of an organization's repositories; archived projects have none. */
    addresses: (organizationId: string) =>
      core.read((db) =>
        db.project.findMany({
          where: { organization_id: organizationId, repository_url: { not: null }, status: { not: 'archived' } },
          select: { id: true, name: true, repository_url: true },
          orderBy: { created_at: 'asc' },
        }),
      ),
    /** The active projects of every organization, for maintenance by the platform. */
    all: () => core.read(async (db) => (await db.project.findMany({ where: { status: 'active' } })).map(projectRow)),
  };
}
