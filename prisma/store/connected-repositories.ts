import { notFound } from '#workflows/domain/errors.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';

export interface ConnectedRepositoryInput {
  project_id: string;
  organization_id: string;
  /** owner/name */
  full_name: string;
  /** Of the code host, which it keeps under another name. */
  repository_id: string;
  connected_by: string;
  hook_id: string | null;
  hook_problem: string | null;
  installation_id: string | null;
  /** The secret of the events, encrypted. */
  secret: { id: string; key_id: string; sealed: string };
}

interface RepositoryNamed {
  repository_id?: string | undefined;
  /** owner/name in lower case. */
  full_name: string;
}

/** Also those of another repository that had the name before. */
const named = ({ repository_id: id, full_name }: RepositoryNamed) =>
  id === undefined ? { full_name } : { OR: [{ repository_id: id }, { full_name }] };

const include = {
  project: {
    select: {
      id: true,
      name: true,
      repository_url: true,
      repository_path: true,
      default_branch: true,
      credential_id: true,
    },
  },
} as const;

/** Repositories at a code host that members connected to projects. */
export function connectedRepositoriesStore(core: StoreCore) {
  const find = (organizationId: string, projectId: string) => {
    const where = { project_id: projectId, organization_id: organizationId };
    return core.read((db) => db.connectedRepository.findFirst({ where, include }));
  };
  return {
    /** Connects a repository, also in place of an earlier one. */
    connect: ({ secret, full_name: name, ...fields }: ConnectedRepositoryInput) =>
      core.change(async (tx) => {
        const { project_id, organization_id } = fields;
        const known = await tx.connectedRepository.findUnique({ where: { project_id } });
        const label = `webhook of ${name}`;
        await tx.credential.create({ data: { ...secret, organization_id, kind: 'webhook', label } });
        const data = { ...fields, full_name: name.toLowerCase(), problem: null, credential_id: secret.id };
        const row = await tx.connectedRepository.upsert({ where: { project_id }, create: data, update: data, include });
        if (known) await tx.credential.deleteMany({ where: { id: known.credential_id } });
        return row;
      }),
    /** Null where the project has no connected repository. */
    find,
    /** @throws not_found */
    get: async (organizationId: string, projectId: string) => {
      const row = await find(organizationId, projectId);
      if (!row) throw notFound('connected repository');
      return row;
    },
    list: (organizationId: string, filter: { project_id?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, async (query) => {
          const where = { AND: [{ organization_id: organizationId, ...filter }, renamed(query.where)] };
          const [{ created_at: direction }] = query.orderBy;
          const orderBy = [{ created_at: direction }, { project_id: direction }];
          const rows = await db.connectedRepository.findMany({ where, orderBy, take: query.take, include });
          return rows.map((row) => ({ ...row, id: row.project_id }));
        }),
      ),
    /** Those of one repository, by its lasting id and by its name. */
    at: (repository: RepositoryNamed) =>
      core.read((db) => db.connectedRepository.findMany({ where: named(repository), include })),
    /** Encrypted secrets of the events of a project, or of all projects with a repository. */
    secrets: ({ project_id, ...repository }: RepositoryNamed & { project_id?: string }) =>
      core.read((db) =>
        db.connectedRepository.findMany({
          where: { ...(project_id ? { project_id } : named(repository)), installation_id: null },
          include: { credential: true },
        }),
      ),
    /** Those that an installation of the App serves, and those with one of the repositories that any installation serves. */
    ofInstallation: (id: string, repositoryIds: string[]) =>
      core.read((db) =>
        db.connectedRepository.findMany({
          where: {
            OR: [{ installation_id: id }, { installation_id: { not: null }, repository_id: { in: repositoryIds } }],
          },
          include,
        }),
      ),
    /**
     * Notes how a repository is at the code host, and gives the project its address where that has changed. Changes nothing
     * where the project was connected again since its connection was read.
     * @param problem why it cannot be worked on, for people; null: it can.
     */
    noteStanding: (
      { project_id, credential_id }: { project_id: string; credential_id: string },
      { problem, repository }: { problem: string | null; repository?: { id: string; full_name: string; url?: string } },
    ) =>
      core.change(async (tx) => {
        const names = repository && { repository_id: repository.id, full_name: repository.full_name.toLowerCase() };
        const where = { project_id, credential_id };
        const { count } = await tx.connectedRepository.updateMany({ where, data: { problem, ...names } });
        if (count === 0 || !repository?.url) return;
        const data = { repository_url: repository.url, updated_at: new Date() };
        await tx.project.update({ where: { id: project_id }, data });
      }),
    /** Notes the newest event of projects. */
    heard: (projectIds: string[], event: string) =>
      projectIds.length === 0
        ? Promise.resolve()
        : core.change(async (tx) => {
            const data = { last_event: event, last_event_at: new Date() };
            await tx.connectedRepository.updateMany({ where: { project_id: { in: projectIds } }, data });
          }),
    synced: (projectId: string) =>
      core.change(async (tx) => {
        const data = { synced_at: new Date() };
        await tx.connectedRepository.updateMany({ where: { project_id: projectId }, data });
      }),
    /** Ends the connection of a project, whose address stays. */
    disconnect: (projectId: string) =>
      core.change(async (tx) => {
        const row = await tx.connectedRepository.findUnique({ where: { project_id: projectId } });
        if (!row) return;
        await tx.credential.deleteMany({ where: { id: row.credential_id } });
        const { credential_id: id } = await tx.project.findUniqueOrThrow({ where: { id: projectId } });
        await tx.project.update({ where: { id: projectId }, data: { credential_id: null } });
        if (id) await tx.credential.deleteMany({ where: { id, kind: 'installation' } });
      }),
  };
}

/** The position of a page by the column that takes the place of an id here. */
const renamed = ({ OR: beyond }: { OR?: { created_at: object; id?: object }[] }) =>
  beyond ? { OR: beyond.map(({ id, ...rest }) => (id ? { ...rest, project_id: id } : rest)) } : {};
