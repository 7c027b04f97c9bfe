import { isDeepStrictEqual } from 'node:util';
import { RepositoryError } from '#activities/ports/repositories.ts';
import { requireRunner } from '#activities/ports/require-workable.ts';
import { requireOrigin } from '#activities/ports/sandbox-origin.ts';
import type { Services } from '#activities/ports/services.ts';
import { tellQueue } from '#activities/ports/tell-queue.ts';
import type { Project } from '#prisma/store/projects.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { queueQuery, type QueueView } from '#workflows/contracts/work.ts';
import { AppError, present } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/projects.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { prepareConnection, recordConnection, requireGithubRights } from './github-projects.ts';
import { sourceOf } from './repository-address.ts';
import { surveyIfAutomatic } from './environment.ts';
import { requireSafetyRight, safetyChanges } from './safety.ts';
import { toPageView, toProjectView } from './views.ts';

export async function listProjects({ services, organization_id }: Call, query: Query<typeof contracts.listProjects>) {
  return toPageView(
    await services.store.projects.list(organization_id, { status: query.status }, query),
    toProjectView,
  );
}

/** Settings with which no work could begin are refused where they are made, as work is later. @throws invalid_rule */
function requireUsable(services: Services, settings: Body<typeof contracts.updateProject>['settings'] = {}): void {
  requireOrigin(services, settings.sandbox);
  if (settings.runner) requireRunner(services, { settings: { runner: settings.runner } });
}

/** Creates a project. Its repository must exist and have a commit and the branch; otherwise nothing is stored. */
export async function createProject(call: Call, input: Body<typeof contracts.createProject>) {
  const { services, actor, organization_id, newId } = call;
  requireSafetyRight(call, safetyChanges({}, input.settings));
  requireUsable(services, input.settings);
  const connecting = 'github' in input.repository ? await prepareConnection(call, input.repository.github) : undefined;
  const source =
    'github' in input.repository
      ? present(connecting, 'the connection').source
      : await sourceOf(call, input.repository);
  const facts = await services.repositories.inspect(source, input.default_branch);
  if (!connecting) await requireGithubRights(call, source);
  const allowDirty = 'allow_dirty' in input.repository && input.repository.allow_dirty === true;
  if (facts.dirty && !allowDirty)
    throw new RepositoryError(
      'dirty',
      `The repository at ${source.path} has changes that are not committed: they would not be part of the work, and merging could not touch them. Commit or stash them, or send repository.allow_dirty: true.`,
    );
  if (source.credential) await services.store.credentials.create(source.credential);
  const project = await services.store.projects.create({
    id: newId('project'),
    organization_id,
    name: input.name,
    description: input.description,
    repository_path: source.path ?? null,
    repository_dir: (await services.repositories.folderOf(source)) ?? null,
    repository_url: source.url ?? null,
    credential_id: source.credential?.id ?? source.credential_id ?? null,
    default_branch: input.default_branch ?? facts.default_branch,
    settings: input.settings,
    created_by: actor.user_id,
  });
  if (connecting) await recordConnection(call, project, connecting);
  await surveyIfAutomatic(call, project);
  return toProjectView(project);
}

export const getProject = async ({ services, organization_id }: Call, id: string) =>
  toProjectView(await services.store.projects.get(organization_id, id));

/** The credential that replaces the one of a project, once the repository has accepted it. @throws invalid_rule. */
async function newToken(call: Call, project: Project, repository: { url: string }) {
  const source = await sourceOf(call, repository);
  const refuse = (message: string) =>
    new AppError('invalid_rule', `repository.url ${message}.`, [{ field: 'repository.url', message }]);
  if (!source.url || source.url !== project.repository_url)
    throw refuse("must be the address of the project's repository; create a project for another repository");
  if (!source.credential) throw refuse('holds no token; write it as https://TOKEN@host/path');
  await call.services.repositories.inspect(source, project.default_branch);
  await requireGithubRights(call, source);
  return source.credential;
}

export async function updateProject(call: Call, id: string, input: Body<typeof contracts.updateProject>) {
  const { services, organization_id } = call;
  const known = await services.store.projects.get(organization_id, id);
  requireSafetyRight(call, safetyChanges({ ...known.settings }, input.settings));
  requireUsable(services, input.settings);
  const { repository, ...fields } = input;
  if (repository) requireSafetyRight(call, ['repository.url']);
  const credential = repository && (await newToken(call, known, repository));
  const settings = input.settings ? { ...known.settings, ...input.settings } : undefined;
  if (credential) await services.store.credentials.create(credential);
  const project = await services.store.projects.update(
    organization_id,
    id,
    {
      ...fields,
      settings,
      credential_id: credential?.id,
    },
    call.actor.email,
  );
  if (credential && known.credential_id && known.credential_id !== credential.id)
    await services.store.credentials.remove(organization_id, known.credential_id);
  await tellQueue(services, { organization_id, project_id: id });
  const decides = ['setup', 'checks', 'network', 'survey', 'sandbox'] as const;
  const changed = decides.some((name) => !isDeepStrictEqual(known.settings[name], project.settings[name]));
  if (changed) await surveyIfAutomatic(call, project);
  return toProjectView(project);
}

/** Who changed what, newest first. The events of changes are kept as long as all events. */
export async function listProjectChanges(
  { services, organization_id }: Call,
  id: string,
  { limit, cursor }: Query<typeof contracts.listProjectChanges>,
) {
  const rows = await services.store.events.before(organization_id, cursor, limit, {
    types: ['project.updated'],
    entity_ids: [id],
  });
  return {
    items: rows.map(({ seq, at, data }) => {
      const { by = 'platform', changes = {} } = data as { by?: string; changes?: Changes };
      return { seq, at, by, changes };
    }),
    next_cursor: rows.length === limit ? String(rows.at(-1)?.seq) : null,
  };
}
type Changes = Record<string, { old: unknown; new: unknown }>;

/** The queue of a project. Without a running queue workflow (no request yet, or idle) it is empty. */
export async function getQueue({ services }: Call, id: string): Promise<QueueView> {
  try {
    return await services.workflows.query(workflowId.projectQueue(id), queueQuery);
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict')
      return { limit: services.config.queue.active_per_project, held_back: 0, active: [], waiting: [] };
    throw error;
  }
}
