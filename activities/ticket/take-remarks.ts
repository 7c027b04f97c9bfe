import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { cutEnd, cutStart } from '#workflows/domain/text.ts';
import { nextStatuses } from '#workflows/domain/transitions.ts';
import type { Project } from '#prisma/store/projects.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { HostReview } from '../ports/code-host.ts';
import { hostRefusal, starterRefusal } from '../ports/host-member.ts';
import { asHostPull, hostProject } from '../ports/host-project.ts';
import type { Services } from '../ports/services.ts';
import { RepositoryError } from '../ports/repositories.ts';
import { deterministicId } from '../support/ids.ts';
import { commandOf, createHostCommands } from './host-commands.ts';
import { pullTickets } from '../ports/pull-tickets.ts';
import { createOpenChanges, type OpenedChanges } from './open-changes.ts';

/** Characters of a comment that are kept. */
const mostText = 8000;

/** A comment in the conversation that asks for work: `/omoios ask` and what is to change. */
const isAsk = (body: string) => {
  const order = commandOf(body);
  return order?.verb === 'ask' && order.words !== '';
};

/** A reply in a conversation asks for nothing by itself, and who approves asks for nothing. */
const asks = ({ verdict, remarks }: HostReview) =>
  verdict === 'changes_requested' ||
  (verdict === 'commented' && remarks.some(({ on_lines: onLines, body }) => onLines || isAsk(body)));

/** A failed check is kept like a comment. It is not answered: its next run is the answer. */
const ofCheck = (hostId: string) => hostId.startsWith('check:');

/** Takes over what people say about a pull request at its code host. Safe to repeat. */
export function createTakeRemarks(services: Services) {
  const { store, codeHost, config, redact } = services;
  const openChanges = createOpenChanges(services);
  const commands = createHostCommands(services);

  const commentsOf = ({ verdict, remarks }: HostReview) =>
    remarks.map(({ id, body, path, line, at }) => {
      const place = { ...(path ? { path } : {}), ...(line === undefined ? {} : { line }) };
      return { body: cutStart(redact(body), mostText), ...place, host_id: id, verdict, at };
    });

  /** Rounds of changes that reviews at the code host, or its checks, have asked for. */
  const roundsOf = ({ comments }: PullRequest, by: 'reviews' | 'checks') =>
    new Set(
      comments.flatMap(({ host_id: id, request }) =>
        id && request && ofCheck(id) === (by === 'checks') ? [request] : [],
      ),
    ).size;

  /** Why a review does not become work: its author may not, or the limit of rounds is reached. */
  async function refusal(pull: PullRequest, { author, remarks }: HostReview): Promise<string | undefined> {
    const first = remarks.map(({ at }) => Date.parse(at)).sort((a, b) => a - b)[0];
    const said = first === undefined ? undefined : new Date(first).toISOString();
    const refused = await hostRefusal(services, pull, { ...author, provider: pull.provider }, said);
    const limit = config.github.review_rounds;
    if (refused ?? roundsOf(pull, 'reviews') < limit) return refused;
    const reason = `Reviews of pull request #${pull.number} have asked for changes ${limit} times, which is the limit (github.review_rounds). Request the next ones in OmoiOS, or merge or close it.`;
    if (pull.ticket_id)
      await store.tickets.patch(pull.organization_id, pull.ticket_id, { needs_review: true, last_error: reason });
    return reason;
  }

  /** Why failed checks do not become work. */
  async function checksRefusal(pull: PullRequest): Promise<string | undefined> {
    const refused = await starterRefusal(services, pull);
    const limit = config.github.check_rounds;
    if (refused ?? roundsOf(pull, 'checks') < limit) return refused;
    return `The checks of pull request #${pull.number} at ${pull.provider} still fail. The limit of fixes that begin by themselves is ${limit} (github.check_rounds). Fix them, request changes, or close it.`;
  }

  /** Keeps how the checks at the code host are. Those that failed become one task for each head. */
  async function takeChecks(before: PullRequest, project: Project): Promise<OpenedChanges[]> {
    const { organization_id, id, head_sha: sha } = before;
    const checks = await codeHost.readChecks(hostProject(project), asHostPull(before));
    const kept = checks.map(({ name, state, url }) => ({ name: cutStart(name, 200), state, url, sha }));
    await store.pullRequests.noteHostChecks(organization_id, id, kept);
    const failed = checks.filter(({ state }) => state === 'failed');
    if (failed.length === 0 || checks.some(({ state }) => state === 'pending')) return [];
    const pull = await store.pullRequests.get(organization_id, id);
    // Only the checks of what is there now say something.
    if (pull.head_sha !== sha || pull.state !== 'open') return [];
    const request = deterministicId(`checks:${id}:${sha}`);
    const change = {
      organization_id,
      pull_request_id: id,
      actor: `checks at ${pull.provider}`,
      request,
      outside: true,
    };
    const known = pull.comments.find((comment) => comment.request === request);
    if (known?.task_id) {
      const { status } = await store.tasks.get(organization_id, known.task_id);
      return nextStatuses('task', status).length > 0 ? [await openChanges({ ...change, comments: [] })] : [];
    }
    const reason = await checksRefusal(pull);
    if (reason !== undefined) {
      if (pull.ticket_id)
        await store.tickets.patch(organization_id, pull.ticket_id, { needs_review: true, last_error: reason });
      return [];
    }
    const comments = failed.map(({ name, output }) => ({
      body: `The check "${oneLine(name)}" fails.${output ? `\n${cutEnd(redact(output), mostText)}` : ''}`,
      host_id: `check:${sha}:${name}`,
    }));
    return [await openChanges({ ...change, comments })];
  }

  /** Carries out a command in the conversation, and answers it. @returns false for other words. */
  async function obeyed(
    pull: PullRequest,
    { author, remarks: [remark] }: HostReview,
    fresh: ReturnType<typeof commentsOf>,
    project: Project,
  ): Promise<boolean> {
    const order = remark?.id.startsWith('comment:') ? commandOf(remark.body) : undefined;
    if (!remark || !order || (order.verb === 'ask' && order.words)) return false;
    const id = remark.id.slice('comment:'.length);
    const commander = { provider: pull.provider, author, at: remark.at, id };
    const outcome = await commands.ofPull(pull, await pullTickets(services, pull), order, commander);
    await codeHost.answerRemark(hostProject(project), asHostPull(pull), { ...outcome, remark_id: remark.id });
    const shown = { author: `${author.login} at ${pull.provider}`, note: outcome.body };
    await store.pullRequests.addComments(
      pull.organization_id,
      pull.id,
      fresh.map((comment) => ({ ...comment, ...shown })),
    );
    return true;
  }

  /** @returns the work that is not done yet, new and known. */
  return async function takeRemarks(before: PullRequest, project: Project): Promise<OpenedChanges[]> {
    const { organization_id, id } = before;
    const opened = await takeChecks(before, project);
    for (const review of await codeHost.readRemarks(hostProject(project), asHostPull(before))) {
      const pull = await store.pullRequests.get(organization_id, id);
      const known = new Map(pull.comments.map((comment) => [comment.host_id, comment]));
      const author = `${review.author.login} at ${pull.provider}`;
      const request = deterministicId(`review:${id}:${review.id}`);
      const change = { organization_id, pull_request_id: id, actor: author, request, outside: true };
      const carried = pull.comments.find((comment) => comment.request === request);
      if (carried?.task_id) {
        const { status } = await store.tasks.get(organization_id, carried.task_id);
        // Where the step was lost before its workflow learned of the work.
        if (nextStatuses('task', status).length > 0) opened.push(await openChanges({ ...change, comments: [] }));
      }
      const fresh = commentsOf(review).filter(({ host_id: remark }) => !known.has(remark));
      if (fresh.length === 0) continue;
      if (await obeyed(pull, review, fresh, project)) continue;
      const isOrder = asks(review) && !carried;
      const note = isOrder ? await refusal(pull, review) : undefined;
      if (isOrder && note === undefined) opened.push(await openChanges({ ...change, comments: fresh }));
      else
        await store.pullRequests.addComments(
          organization_id,
          id,
          fresh.map((comment) => ({ ...comment, author, ...(note ? { note } : {}) })),
        );
    }
    return opened;
  };
}

/** Answers the comments at the code host whose work is in the pull request, each once, with its commit. */
export async function answerRemarks(
  { store, codeHost, repositories, log }: Services,
  project: Project,
  pull: PullRequest,
): Promise<void> {
  const open = pull.comments.filter(
    ({ host_id: id, task_id: task, answered }) => id && !ofCheck(id) && task && !answered,
  );
  if (open.length === 0 || pull.state !== 'open') return;
  const tasks = new Map(
    (await store.tasks.byIds(open.flatMap(({ task_id: id }) => id ?? []))).map((row) => [row.id, row]),
  );
  const answered: string[] = [];
  for (const { host_id: remark = '', task_id: id = '' } of open) {
    const task = tasks.get(id);
    if (task?.status !== 'completed') continue;
    const { base_sha: base, head_sha: head } = task;
    const idle = head === null || head === base;
    if (!idle && !(await repositories.isAncestor(project.id, head, pull.head_sha))) continue;
    const body = idle ? 'Nothing had to change for this.' : `Done in ${head}.`;
    try {
      const answer = { remark_id: remark, key: `${task.id}:${remark}`, body };
      await codeHost.answerRemark(hostProject(project), asHostPull(pull), answer);
      answered.push(remark);
    } catch (error) {
      if (!(error instanceof RepositoryError)) throw error;
      // The comment may be gone. The next change of the pull request tries again.
      log.warn({ pull_request_id: pull.id, error: String(error) }, 'a comment could not be answered');
    }
  }
  if (answered.length > 0) await store.pullRequests.markAnswered(pull.organization_id, pull.id, answered);
}
