import type { CodeHostPort, HostProject, HostPullRequest, NewPullRequest } from '../../ports/code-host.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { RepositoryError, type RepositoriesPort } from '../../ports/repositories.ts';

/** The platform's own table of pull requests. */
interface PullRequestRecords {
  /** The newest pull request of that head branch, whatever its state. */
  find(projectId: string, branch: string): Promise<HostPullRequest | undefined>;
  /** Stores a pull request, or returns the open one with the same business key: two calls at once make one row. */
  create(project: HostProject, request: NewPullRequest): Promise<HostPullRequest>;
}

export interface LocalCodeHostOptions {
  repositories: RepositoriesPort;
  records: PullRequestRecords;
}

/** Attempts when the base moves while a merge is prepared. */
const mergeTries = 4;

/**
 * Pull requests without a code host: branches and merges go to the project's repository, records to the platform's
 * database.
 */
export function createLocalCodeHost({ repositories, records }: LocalCodeHostOptions): CodeHostPort {
  async function mergeOnto(
    project: HostProject,
    request: NewPullRequest,
    base: string,
    squash: boolean,
  ): Promise<string> {
    const { head_sha } = request;
    if (!squash && (await repositories.isAncestor(project.id, base, head_sha))) return head_sha;
    if (!(await repositories.mergeBase(project.id, base, head_sha)))
      throw new RepositoryError(
        'unrelated',
        `The history of "${request.base}" was replaced: it has no commit in common with "${request.branch}". Nothing was merged. Put the old history back, or rebase the branch, then merge again.`,
      );
    const merged = await repositories.mergeTree(project.id, base, head_sha);
    if (merged.conflicts.length > 0) {
      const files = merged.conflicts.map((conflict) => conflict.path);
      const named = files.slice(0, 10).join(', ') + (files.length > 10 ? ` and ${files.length - 10} more` : '');
      throw new RepositoryError(
        'not_fast_forward',
        `"${request.branch}" conflicts with "${request.base}" in ${named}. Nothing was merged.`,
      );
    }
    // The changes of the branch are already in the base.
    if (merged.tree === (await repositories.treeOf(project.id, base))) return base;
    const message = squash ? squashMessage(request) : `Merge branch '${request.branch}'\n\n${oneLine(request.title)}\n`;
    return repositories.commitTree(project.id, {
      tree: merged.tree,
      parents: squash ? [base] : [base, head_sha],
      message,
    });
  }

  /** The squash commit of this request in the base. Its tree is checked, since anyone can write a trailer. */
  async function squashedAs(project: HostProject, request: NewPullRequest, base: string): Promise<string | undefined> {
    const fork = await repositories.mergeBase(project.id, request.head_sha, base);
    if (!fork) return undefined;
    const commits = await repositories.log(project.id, fork, base);
    for (const commit of commits.filter(({ body }) => body.endsWith(trailers(request)))) {
      const parent = await repositories.resolve(project.id, `${commit.sha}^1`);
      if (!parent) continue;
      const { tree, conflicts } = await repositories.mergeTree(project.id, parent, request.head_sha);
      if (conflicts.length === 0 && tree === (await repositories.treeOf(project.id, commit.sha))) return commit.sha;
    }
    return undefined;
  }

  return {
    pushBranch: (project, branch, sha) => repositories.push(project.id, project, branch, sha),

    findPullRequest: (project, branch) => records.find(project.id, branch),

    readEvent: () =>
      Promise.reject(
        new AppError('invalid_rule', 'CODE_HOST is local, so no code host sends events. Set CODE_HOST=github.'),
      ),

    // Its end is decided and kept by the platform alone.
    readPullRequest: (_project, request) => Promise.resolve({ ...request, merge_sha: null, merged_by: null }),

    async openPullRequest(project, request) {
      const found = await records.find(project.id, request.branch);
      if (found?.state === 'open') return found;
      const { ahead } = await repositories.aheadBehind(project.id, request.base, request.head_sha);
      if (ahead === 0)
        throw new RepositoryError(
          'empty',
          `"${request.branch}" has no commits that "${request.base}" lacks: there is nothing to open a pull request for.`,
        );
      return records.create(project, request);
    },

    // The platform's own record is the pull request: there is nothing to tell anyone.
    updatePullRequest: () => Promise.resolve(),
    closePullRequest: () => Promise.resolve(),
    setDraft: () => Promise.resolve({ changed: false }),
    // Its merges are done at once, or refused.
    readMergeWait: () => Promise.resolve({ ended: 'No merge waits.' }),
    endMergeWait: () => Promise.resolve(),
    // People speak about it in the app.
    readChecks: async () => [],
    readRemarks: () => Promise.resolve([]),
    answerRemark: () => Promise.resolve(),
    readIssue: () => Promise.resolve(undefined),
    answerIssue: () => Promise.resolve(),

    async mergePullRequest(project, request, { method }) {
      for (let tries = 1; ; tries++) {
        const { sha: base } = await repositories.sync(project.id, project, request.base);
        if (await repositories.isAncestor(project.id, request.head_sha, base)) return { sha: base };
        const earlier = method === 'squash' ? await squashedAs(project, request, base) : undefined;
        if (earlier) return { sha: earlier };
        const sha = await mergeOnto(project, request, base, method === 'squash');
        try {
          await repositories.advance(project.id, project, request.base, sha, base);
        } catch (error) {
          if (error instanceof RepositoryError && error.code === 'moved' && tries < mergeTries) continue;
          throw error;
        }
        await repositories.updateRef(project.id, `refs/heads/${request.base}`, sha, base);
        return { sha };
      }
    },
  };
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Identifies the pull request and its commits: a branch that was merged before may have new commits. */
const trailers = (request: NewPullRequest) =>
  `OmoiOS-Pull-Request: ${oneLine(request.business_key)}\nOmoiOS-Head: ${request.head_sha}`;

function squashMessage(request: NewPullRequest): string {
  return [oneLine(request.title), request.body.trim(), trailers(request)].filter(Boolean).join('\n\n') + '\n';
}
