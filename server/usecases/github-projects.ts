import { randomBytes, randomUUID } from 'node:crypto';
import type { GithubAccount, GithubPlace, GithubRepository } from '#activities/ports/github.ts';
import { syncProject } from '#activities/ports/link-commits.ts';
import { pageLink } from '#activities/ports/page-link.ts';
import { repositorySource, type RepositorySource } from '#activities/ports/repositories.ts';
import { keyContext } from '#activities/ports/secrets.ts';
import type { Services } from '#activities/ports/services.ts';
import type { CredentialInput } from '#prisma/store/credentials.ts';
import type { Project } from '#prisma/store/projects.ts';
import { hostChangedUpdate } from '#workflows/contracts/pull-request.ts';
import { repositoryChangedSignal } from '#workflows/contracts/repository.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/github-projects.ts';
import type { Call } from '../http/context.ts';
import { surveyIfAutomatic } from './environment.ts';
import { connectionOf } from './github-repositories.ts';
import { at } from './views.ts';

interface Connecting {
  account: GithubAccount;
  place: GithubPlace;
  /** Of the App, where it is installed for the repository; else the caller's connection serves. */
  installation_id: string | null;
  source: RepositorySource & { url: string; credential?: CredentialInput };
  repository: GithubRepository;
}

/** Refuses the token of an address at GitHub that cannot push branches and open pull requests there. */
export async function requireGithubRights({ services }: Call, source: RepositorySource): Promise<void> {
  const place = services.github.placeOf(source.url ?? null);
  if (!place || !services.github.opens_pull_requests) return;
  const account = await services.github.of(source);
  if (!account)
    throw new AppError(
      'invalid_rule',
      `repository.url holds no token, so no pull request can be opened for ${place.owner}/${place.repo}. Write it as https://TOKEN@host/path, or connect your account at GitHub and send repository.github.`,
      [{ field: 'repository.url', message: 'holds no token' }],
    );
  await account.requireRights(place, { of_token: true });
}

/** Checks that the caller's connection may change a repository. @param fullName owner/name */
export async function prepareConnection(call: Call, fullName: string): Promise<Connecting> {
  const { services, organization_id, actor } = call;
  const { account, credential_id } = await connectionOf(call);
  if (!services.github.opens_pull_requests)
    throw new AppError(
      'invalid_rule',
      'This installation opens no pull requests at GitHub. Its operator sets CODE_HOST=github.',
    );
  const [owner = '', repo = ''] = fullName.split('/');
  const repository = await account.repository({ owner, repo });
  const name = repository.full_name;
  const place = { owner: repository.owner, repo: repository.name };
  const source = { url: services.github.addressOf(place), organization_id };
  // That the caller may push is the proof that the App may act there for the caller's organization.
  const installed = await services.github.installed(place);
  await account.requireRights(place, { of_token: !installed });
  if (!installed) return { account, place, repository, installation_id: null, source: { ...source, credential_id } };
  const { installation_id, token } = installed;
  const row = { id: call.newId('credential'), organization_id, label: name, created_by: actor.user_id };
  const opened = JSON.stringify({ installation_id, repository_id: repository.id });
  const sealed = services.secrets.seal(opened, keyContext({ ...row, user_id: null }));
  return {
    ...{ account, place, repository, installation_id },
    source: {
      ...source,
      sign_in: { username: 'x-access-token', password: token },
      credential: { ...row, kind: 'installation', ...sealed },
    },
  };
}

const reviews = ['pull_request_review', 'pull_request_review_comment', 'issue_comment', 'check_run', 'status'];
const events = ['push', 'pull_request', ...reviews, 'issues', 'repository'];
/** Each project has a webhook of its own, so that projects with one repository do not share a secret. */
const hookPath = '/api/v1/github/webhooks/github';
const hookAddress = (services: Services, projectId: string) =>
  pageLink(services, `${hookPath}?project_id=${projectId}`);

/** A repository whose webhook cannot be registered is connected all the same: the reason is shown, with what to do. */
async function register(
  services: Services,
  projectId: string,
  { account, place, installation_id }: Connecting,
  secret: string,
) {
  // The App's own webhook tells of all repositories that it is installed for.
  if (installation_id) return { hook_id: null, hook_problem: null };
  const url = hookAddress(services, projectId);
  try {
    return { hook_id: await account.registerWebhook(place, { url, secret, events }), hook_problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const problem =
      error.code === 'not_found'
        ? `Your account is no administrator of ${place.owner}/${place.repo}, so it may add no webhook there. Connect it by the account of an administrator.`
        : error.message;
    return { hook_id: null, hook_problem: problem };
  }
}

/** The webhook of a connection that another one replaces, with the credential that made it. */
interface HookBefore {
  hook_id: string;
  full_name: string;
  source: RepositorySource;
}

function hookBefore({ hook_id, full_name }: Row, project: Project): HookBefore | undefined {
  return hook_id === null ? undefined : { hook_id, full_name, source: repositorySource(project) };
}

/**
 * Removes a webhook by the account that made it, or else by another.
 * @returns what is left to do where neither may; its events are refused here then.
 */
async function removeHook(
  services: Services,
  { hook_id, full_name, source }: HookBefore,
  other?: GithubAccount,
): Promise<string | null> {
  const [owner = '', repo = ''] = full_name.split('/');
  const reasons: unknown[] = [];
  for (const account of [() => services.github.of(source), () => Promise.resolve(other)])
    try {
      const by = await account();
      if (!by) continue;
      await by.removeWebhook({ owner, repo }, hook_id);
      return null;
    } catch (error) {
      reasons.push(error);
    }
  services.log.warn({ full_name, errors: reasons.map(String) }, 'a webhook could not be removed');
  return `The webhook of the connection before could not be removed at ${full_name}. If it is still there, an administrator of that repository removes it in its settings.`;
}

/** Registers the webhook of a project whose repository is that of its source, and stores the connection. */
export async function recordConnection(
  { services, actor, organization_id }: Call,
  project: Pick<Project, 'id'>,
  connecting: Connecting,
  { secret: given, before }: { secret?: string | undefined; before?: HookBefore | undefined } = {},
) {
  const value = given ?? randomBytes(32).toString('hex');
  const id = randomUUID();
  const sealed = services.secrets.seal(value, keyContext({ id, organization_id, user_id: null }));
  const hook = await register(services, project.id, connecting, value);
  if (before && before.hook_id !== hook.hook_id)
    hook.hook_problem ??= await removeHook(services, before, connecting.account);
  return services.store.connectedRepositories.connect({
    project_id: project.id,
    organization_id,
    full_name: connecting.repository.full_name,
    repository_id: connecting.repository.id,
    connected_by: actor.user_id,
    ...hook,
    installation_id: connecting.installation_id,
    secret: { id, ...sealed },
  });
}

/** @throws conflict where work on another repository has begun. */
async function requireReplaceable({ services, organization_id }: Call, project: Project, wanted: string) {
  if (!project.repository_url && !project.repository_path) return;
  const specs = await services.store.specs.list(organization_id, { project_id: project.id }, { limit: 1 });
  if (project.ticket_count === 0 && specs.items.length === 0) return;
  throw new AppError(
    'conflict',
    `The project has work on ${project.repository_url ?? project.repository_path}. Create a project for ${wanted}.`,
  );
}

export async function connectGithub(
  call: Call,
  projectId: string,
  { owner, repo, webhook_secret: secret }: Body<typeof contracts.connectGithub>,
) {
  const { services, organization_id } = call;
  const { projects, credentials } = services.store;
  const project = await projects.get(organization_id, projectId);
  const connecting = await prepareConnection(call, `${owner}/${repo}`);
  const { source, repository } = connecting;
  const connectedBefore = await services.store.connectedRepositories.find(organization_id, projectId);
  const hook = connectedBefore ? hookBefore(connectedBefore, project) : undefined;
  const before = services.github.placeOf(project.repository_url);
  const isSame = before && `${before.owner}/${before.repo}`.toLowerCase() === repository.full_name.toLowerCase();
  if (!isSame) await requireReplaceable(call, project, repository.full_name);
  const branch = isSame ? project.default_branch : repository.default_branch;
  await services.repositories.inspect(source, branch);
  if (source.credential) await credentials.create(source.credential);
  const changed = await projects.update(organization_id, projectId, {
    repository_url: source.url,
    repository_path: null,
    repository_dir: null,
    credential_id: source.credential?.id ?? source.credential_id ?? null,
    default_branch: branch,
  });
  const row = await recordConnection(call, project, connecting, { secret, before: hook });
  // A token of the project's own is not needed any more; that of a person's account stays theirs.
  if (project.credential_id) await credentials.remove(organization_id, project.credential_id);
  if (!isSame) {
    await services.repositories.sync(projectId, source, branch);
    await surveyIfAutomatic(call, changed);
  }
  return (await views(call, [row]))[0];
}

export async function disconnectGithub(call: Call, projectId: string): Promise<undefined> {
  const { services, organization_id } = call;
  const project = await services.store.projects.get(organization_id, projectId);
  const row = await services.store.connectedRepositories.get(organization_id, projectId);
  const hook = hookBefore(row, project);
  // The connection may have ended at GitHub already: then the webhook stays there, and its events are refused here.
  if (hook) await removeHook(services, hook);
  await services.store.connectedRepositories.disconnect(projectId);
}

type Row = Awaited<ReturnType<Services['store']['connectedRepositories']['get']>>;

async function views({ services, organization_id }: Call, rows: Row[]) {
  const ids = rows.flatMap(({ project }) => project.credential_id ?? []);
  const logins = await services.store.credentials.logins(organization_id, ids);
  return rows.map((row) => ({
    project_id: row.project_id,
    project_name: row.project.name,
    full_name: row.full_name,
    repository_url: row.project.repository_url,
    default_branch: row.project.default_branch,
    login: logins.get(row.project.credential_id ?? '') ?? null,
    app: row.installation_id !== null,
    problem: row.problem,
    webhook: {
      url: row.installation_id ? pageLink(services, hookPath) : hookAddress(services, row.project_id),
      registered: row.hook_id !== null || row.installation_id !== null,
      problem: row.hook_problem,
      last_event: row.last_event,
      last_event_at: row.last_event_at && at(row.last_event_at),
    },
    synced_at: row.synced_at && at(row.synced_at),
    connected_at: at(row.created_at),
  }));
}

export async function githubConnected(call: Call, { project_id, ...page }: Query<typeof contracts.githubConnected>) {
  const found = await call.services.store.connectedRepositories.list(call.organization_id, { project_id }, page);
  return { items: await views(call, found.items), next_cursor: found.next_cursor };
}

export async function syncGithub({ services, organization_id }: Call, projectId: string) {
  const { store } = services;
  const project = await store.projects.get(organization_id, projectId);
  await store.connectedRepositories.get(organization_id, projectId);
  // By the workflow, so that no older look at the repository is stored after a newer one.
  await services.workflows.signalRepository({ organization_id, project_id: projectId }, repositoryChangedSignal, {});
  const source = repositorySource(project);
  const sha = await syncProject(services, project);
  const place = services.github.placeOf(project.repository_url);
  const account = await services.github.of(source);
  if (!place || !account)
    throw new AppError('invalid_rule', 'The repository has no connection to GitHub. Connect it again.');
  const open = await account.pulls(place, { limit: 200 }, 'open');
  const ofState = async (state: string) => {
    const rows = await store.pullRequests.list(organization_id, { project_id: projectId, state }, { limit: 200 });
    return rows.items.filter(({ provider }) => provider === 'github');
  };
  const isOpen = new Set(open.items.map(({ number }) => number));
  const own = [...(await ofState('open')), ...(await ofState('closed')).filter(({ number }) => isOpen.has(number))];
  for (const { id } of own)
    await services.workflows.updateWithStart(
      { pull_request_id: id, organization_id, project_id: projectId },
      hostChangedUpdate,
      {},
    );
  await store.connectedRepositories.synced(projectId);
  const ids = new Map(own.map(({ number, id }) => [number, id]));
  return {
    default_branch: project.default_branch,
    head_sha: sha,
    pull_requests: open.items.map((pull) => ({ ...pull, pull_request_id: ids.get(pull.number) ?? null })),
    changed: own.map(({ id }) => id),
  };
}
