import { withoutReferences } from '#workflows/domain/inert-text.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { CodeHostPort, HostProject, HostPullRequest, NewPullRequest } from '../../ports/code-host.ts';
import { RepositoryError, type RepositoriesPort } from '../../ports/repositories.ts';
import { answers, asking } from './github-client.ts';
import { readChecks } from './github-checks.ts';
import { changePull, refusalOf } from './github-graphql.ts';
import { readIssue } from './github-issues.ts';
import { endWait, mergePull, readWait } from './github-merge.ts';
import { readPull, shown, type Answer } from './github-pull.ts';
import { answerOnce, readReviews, type GithubRepository } from './github-remarks.ts';

export interface GithubOptions {
  repositories: RepositoriesPort;
  /** Serves the projects whose repository is not at GitHub. */
  local: CodeHostPort;
  /**
   * The project's repository with a client that may act on it; undefined for a repository elsewhere.
   * @param renew a token of the App that was refused before its end is replaced.
   */
  repositoryOf(project: HostProject, renew?: boolean): Promise<(GithubRepository & { token: string }) | undefined>;
  readEvent: CodeHostPort['readEvent'];
  /** Marks the pull requests that are opened here; '' marks none. */
  label?: string;
}

/** GitHub's limits, in characters. */
const titleLimit = 256;
const bodyLimit = 65_536;

/**
 * Pull requests at GitHub. GitHub keeps what it is told though its answer is lost, so each effect is looked up first: a
 * pull request by its head branch, a merge by the state of the pull request.
 */
export function createGithubCodeHost({
  repositories,
  local,
  repositoryOf,
  readEvent,
  label = '',
}: GithubOptions): CodeHostPort {
  /** What a project's own code host does. */
  async function at<T>(
    project: HostProject,
    elsewhere: (host: CodeHostPort) => Promise<T>,
    github: (repository: GithubRepository) => Promise<T>,
  ): Promise<T> {
    const repository = await repositoryOf(project);
    if (!repository) return elsewhere(local);
    return asking(`${repository.owner}/${repository.repo}`, async () => {
      try {
        return await github(repository);
      } catch (error) {
        if (!answers(error, 401)) throw error;
        const renewed = await repositoryOf(project, true);
        if (!renewed || renewed.token === repository.token) throw error;
        // Each effect is looked up before, so a repeated call changes nothing.
        return github(renewed);
      }
    });
  }

  /** What the code host that has a pull request does. A project may have older ones of the platform's own. */
  const where = <T>(
    project: HostProject,
    { provider }: HostPullRequest,
    elsewhere: (host: CodeHostPort) => Promise<T>,
    github: (repository: GithubRepository) => Promise<T>,
  ): Promise<T> => (provider === 'github' ? at(project, elsewhere, github) : elsewhere(local));

  /** The pull requests of a head branch, the newest first. A fork may have a branch of the same name. */
  async function ofBranch({ client, owner, repo }: GithubRepository, branch: string): Promise<Answer[]> {
    const { data } = await client.rest.pulls.list({
      owner,
      repo,
      head: `${owner}:${branch}`,
      state: 'all',
      sort: 'created',
      direction: 'desc',
      per_page: 20,
    });
    // GitHub has null for a fork that was deleted, against its description.
    return data.filter(({ head, base }) => (head.repo as { id: number } | null)?.id === base.repo.id);
  }

  /** A token that may not label opens pull requests all the same: the label is for people. */
  async function labelled({ client, owner, repo }: GithubRepository, pull: Answer): Promise<HostPullRequest> {
    const has = pull.labels.some(({ name }) => name?.toLowerCase() === label.toLowerCase());
    if (label && !has)
      await client.rest.issues
        .addLabels({ owner, repo, issue_number: pull.number, labels: [label] })
        .catch((error: unknown) => {
          if (!answers(error, 403, /not accessible|must have/i) && !answers(error, 404)) throw error;
        });
    return shown(pull);
  }

  return {
    readEvent,

    pushBranch: (project, branch, sha) => local.pushBranch(project, branch, sha),

    findPullRequest: (project, branch) =>
      at(
        project,
        (host) => host.findPullRequest(project, branch),
        async (repository) => {
          const [newest] = await ofBranch(repository, branch);
          return newest && shown(newest);
        },
      ),

    readPullRequest: (project, request) =>
      where(
        project,
        request,
        (host) => host.readPullRequest(project, request),
        async (repository) => {
          const there = await readPull(repository, request.number);
          const now = shown(there);
          if (now.state !== 'merged') return { ...now, merge_sha: null, merged_by: null, draft: there.draft ?? false };
          await repositories.sync(project.id, project, there.base.ref);
          return { ...now, merge_sha: there.merge_commit_sha, merged_by: there.merged_by?.login ?? null };
        },
      ),

    openPullRequest: (project, request) =>
      at(
        project,
        (host) => host.openPullRequest(project, request),
        async (repository) => {
          const { client, owner, repo } = repository;
          const open = async () => (await ofBranch(repository, request.branch)).find((pull) => pull.state === 'open');
          const found = await open();
          if (found) return labelled(repository, found);
          try {
            const { data } = await client.rest.pulls.create({
              owner,
              repo,
              head: request.branch,
              base: request.base,
              // A squashed commit has this title: an issue that it names would be closed by the merge.
              title: cutStart(withoutReferences(request.title.replaceAll(/\s+/g, ' ').trim()), titleLimit),
              body: blockOf(request),
            });
            return await labelled(repository, data);
          } catch (error) {
            if (answers(error, 422, /already exists/i)) {
              const other = await open();
              if (other) return labelled(repository, other);
            }
            if (answers(error, 422, /no commits between/i))
              throw new RepositoryError(
                'empty',
                `"${request.branch}" has no commits that "${request.base}" lacks: there is nothing to open a pull request for.`,
              );
            throw error;
          }
        },
      ),

    updatePullRequest: (project, request) =>
      where(
        project,
        request,
        (host) => host.updatePullRequest(project, request),
        async (repository) => {
          const { client, owner, repo } = repository;
          const before = (await readPull(repository, request.number)).body ?? '';
          const body = withBlock(before, request);
          if (body === before) return;
          await client.rest.pulls.update({ owner, repo, pull_number: request.number, body });
        },
      ),

    readChecks: (project, request) =>
      where(
        project,
        request,
        (host) => host.readChecks(project, request),
        (repository) => readChecks(repository, request.head_sha),
      ),
    readRemarks: (project, request) =>
      where(
        project,
        request,
        (host) => host.readRemarks(project, request),
        (repository) => readReviews(repository, request.number),
      ),

    answerRemark: (project, request, answer) =>
      where(
        project,
        request,
        (host) => host.answerRemark(project, request, answer),
        (repository) => answerOnce(repository, request.number, answer),
      ),

    readIssue: (project, number, wanted) =>
      at(
        project,
        (host) => host.readIssue(project, number, wanted),
        (repository) => readIssue(repository, number, wanted),
      ),

    answerIssue: (project, number, answer) =>
      at(
        project,
        (host) => host.answerIssue(project, number, answer),
        (repository) => answerOnce(repository, number, { ...answer, remark_id: `issue:${number}` }),
      ),

    closePullRequest: (project, request) =>
      where(
        project,
        request,
        (host) => host.closePullRequest(project, request),
        async (repository) => {
          const { client, owner, repo } = repository;
          const { state } = shown(await readPull(repository, request.number));
          if (state === 'merged')
            throw new RepositoryError(
              'refused',
              `Pull request #${request.number} is merged at GitHub, so it cannot be closed. Revert its merge instead.`,
            );
          if (state === 'open')
            await client.rest.pulls.update({ owner, repo, pull_number: request.number, state: 'closed' });
        },
      ),

    setDraft: (project, request, draft) =>
      where(
        project,
        request,
        (host) => host.setDraft(project, request, draft),
        async (repository) => {
          const there = await readPull(repository, request.number);
          if (shown(there).state !== 'open' || (there.draft ?? false) === draft) return { changed: false };
          const change = draft ? 'convertPullRequestToDraft' : 'markPullRequestReadyForReview';
          try {
            await changePull(repository, change, { id: there.node_id });
            return { changed: true };
          } catch (error) {
            const refused = refusalOf(error);
            if (refused === undefined) throw error;
            return { refused };
          }
        },
      ),

    readMergeWait: (project, request) =>
      where(
        project,
        request,
        (host) => host.readMergeWait(project, request),
        (repository) => readWait(repository, request),
      ),

    endMergeWait: (project, request) =>
      where(
        project,
        request,
        (host) => host.endMergeWait(project, request),
        (repository) => endWait(repository, request),
      ),

    mergePullRequest: (project, request, way) =>
      where(
        project,
        request,
        (host) => host.mergePullRequest(project, request, way),
        async (repository) => {
          const there = await readPull(repository, request.number);
          const { state } = shown(there);
          if (state === 'closed')
            throw new RepositoryError(
              'refused',
              `Pull request #${request.number} is closed at GitHub. Reopen it there.`,
            );
          const merged =
            state === 'merged'
              ? { sha: there.merge_commit_sha ?? there.head.sha }
              : await mergePull(repository, request, way);
          if ('sha' in merged) await repositories.sync(project.id, project, request.base);
          return merged;
        },
      ),
  };
}

const begin = (request: NewPullRequest) => `<!-- omoios ${request.business_key} -->`;
const end = '<!-- /omoios -->';

/** Our part of the description. People write before and after it. @param others the number of their characters. */
function blockOf(request: NewPullRequest, others = 0): string {
  const room = bodyLimit - others - begin(request).length - end.length - 2;
  // Words of people in it may hold our marks.
  const body = request.body.replaceAll(/<!--(?= *\/?omoios)/g, '<!-- -->');
  return `${begin(request)}\n${cutLines(body, room)}\n${end}`;
}

/** The whole lines that fit, and the end of what is folded in them. */
function cutLines(text: string, room: number): string {
  if (text.length <= room) return text;
  const cut = (most: number) => {
    const line = text.lastIndexOf('\n', most);
    return cutStart(text, Math.max(line > most - 2000 ? line : most, 0));
  };
  const fold = '\n\n</details>';
  const kept = cut(room);
  const isOpen = kept.lastIndexOf('<details>') > kept.lastIndexOf('</details>');
  return isOpen ? cut(room - fold.length) + fold : kept;
}

/** The description with our part renewed; as it is where a person has removed the part. */
function withBlock(body: string, request: NewPullRequest): string {
  const from = body.indexOf(begin(request));
  const to = body.indexOf(end, from);
  if (from < 0 || to < 0) return body;
  const [before, after] = [body.slice(0, from), body.slice(to + end.length)];
  const renewed = before + blockOf(request, before.length + after.length) + after;
  return renewed.length > bodyLimit ? body : renewed;
}
