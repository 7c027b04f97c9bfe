import { existsSync } from 'node:fs';
import path from 'node:path';
import { RepositoryError, repositorySource, type RepositoriesPort } from '../ports/repositories.ts';
import type { Store } from '../ports/store.ts';
import type { Log } from '../ports/services.ts';
import { lostCommit } from '../ports/lost-commit.ts';

/** Methods that work without the mirror of the project, or make it. */
const withoutMirror: ReadonlySet<string | symbol> = new Set<keyof RepositoriesPort>([
  'gitDir',
  'inspect',
  'folderOf',
  'remoteBranch',
  'deleteRemoteBranch',
  'sync',
  'rebuild',
]);

const commitId = /^[0-9a-f]{40}$/;

type Call = (projectId: string, ...rest: unknown[]) => Promise<unknown>;

/**
 * Repositories whose mirrors are made again from their sources when they were deleted. A call that needs a commit which
 * only the deleted mirror held fails with the reason.
 */
export function withRebuiltMirrors(
  port: RepositoriesPort,
  store: { projects: Pick<Store['projects'], 'all' | 'branchesOf'> },
  log: Pick<Log, 'warn'>,
): RepositoriesPort {
  const rebuilding = new Map<string, Promise<string | undefined>>();
  const isThere = (projectId: string) => existsSync(path.join(port.gitDir(projectId), 'HEAD'));

  /** @returns the commit of the default branch; undefined for a project that is not active. */
  async function rebuild(projectId: string): Promise<string | undefined> {
    const project = (await store.projects.all()).find(({ id }) => id === projectId);
    if (!project) return undefined;
    const own = await store.projects.branchesOf(project.organization_id, projectId);
    const { sha, lost } = await port.rebuild(projectId, repositorySource(project), project.default_branch, own);
    if (own.length > 0)
      log.warn(
        { project_id: projectId, lost_branches: lost },
        "the deleted copy of a project's repository is made again",
      );
    return sha;
  }

  async function require(projectId: string): Promise<void> {
    if (isThere(projectId)) return;
    const started = rebuilding.get(projectId) ?? rebuild(projectId).finally(() => rebuilding.delete(projectId));
    rebuilding.set(projectId, started);
    await started;
  }

  async function explained(projectId: string, rest: unknown[], error: unknown): Promise<unknown> {
    if (!(error instanceof RepositoryError) || error.code !== 'git_failed') return error;
    for (const sha of rest.flat().filter((value) => typeof value === 'string' && commitId.test(value)))
      if (!(await port.resolve(projectId, String(sha))) && !(await isTree(projectId, String(sha))))
        return lostCommit(String(sha));
    return error;
  }
  const isTree = (projectId: string, sha: string) =>
    port.treeOf(projectId, sha).then(
      () => true,
      () => false,
    );

  return new Proxy(port, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as Call;
      if (name === 'sync')
        return async (projectId: string, ...rest: unknown[]) => {
          await require(projectId);
          return call(projectId, ...rest);
        };
      if (withoutMirror.has(name)) return call;
      return async (projectId: string, ...rest: unknown[]) => {
        await require(projectId);
        try {
          return await call(projectId, ...rest);
        } catch (error) {
          throw await explained(projectId, rest, error);
        }
      };
    },
  });
}
