import { Context } from '@temporalio/activity';
import { AppError, present } from '#workflows/domain/errors.ts';
import type { Services } from '../ports/services.ts';
import { asPullChecks, checkCommit } from '../project/check-commit.ts';
import { branchHead } from '../ports/branch-head.ts';
import { hostProject } from '../ports/host-project.ts';
import { followedPull } from '../ports/followed-pull.ts';
import { signalWaitingTickets } from '../ports/signal-waiting.ts';
import { settleDraft } from './draft.ts';
import { specPullRequestBody, ticketPullRequestBody, type Check } from './pull-request-body.ts';
import { answerRemarks } from './take-remarks.ts';
import { RepositoryError } from '../ports/repositories.ts';
import { requires } from '../run/limits.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import { cutEnd } from '#workflows/domain/text.ts';

export type OpenedPullRequest =
  | { opened: true; pull_request_id: string; number: number; url: string }
  /** `done`: the project wants no pull request, and the branch is pushed. */
  | { opened: false; reason: string; done?: true };

interface Subject {
  organization_id: string;
  ticket_id: string | null;
  spec_id: string | null;
}

/** The one pull request of a ticket or a spec: looked up by its business key before it is made. */
export function createPullRequests(services: Services) {
  const { store, codeHost } = services;

  async function facts(input: Subject) {
    if (input.spec_id) {
      const spec = await store.specs.get(input.organization_id, input.spec_id);
      return {
        key: `spec:${spec.id}`,
        title: spec.title,
        branch: spec.branch,
        base: spec.base_branch,
        base_sha: spec.base_sha,
        project_id: spec.project_id,
        spec,
        ticket: null,
        spec_id: spec.id,
        bodyOf: (checks: Check[] | undefined) => specPullRequestBody(services, spec, checks),
      };
    }
    const ticket = await store.tickets.get(
      input.organization_id,
      present(input.ticket_id, 'the ticket or spec of the pull request'),
    );
    const followed = await followedPull(store, ticket);
    return {
      key: `ticket:${ticket.id}`,
      title: `[${ticket.key}] ${ticket.title}`,
      branch: ticket.branch,
      base: followed?.base ?? ticket.base_branch,
      base_sha: ticket.base_sha,
      project_id: ticket.project_id,
      spec: null,
      ticket,
      spec_id: followed?.spec_id,
      bodyOf: (checks: Check[] | undefined) => ticketPullRequestBody(services, ticket, followed, checks),
    };
  }

  type Facts = Awaited<ReturnType<typeof facts>>;

  /** Pushes the branch, and brings its pull request up to date with it. @param checks undefined: none has run. */
  async function show(
    organizationId: string,
    subject: Facts & { branch: string; base_sha: string },
    head: string,
    checks: Check[] | undefined,
  ) {
    const { key, title, branch, base, base_sha, project_id: projectId, ticket, bodyOf } = subject;
    const project = await store.projects.get(organizationId, projectId);
    const host = hostProject(project);
    await codeHost.pushBranch(host, branch, head);
    const request = {
      business_key: key,
      spec_id: subject.spec_id,
      title,
      body: await bodyOf(checks),
      branch,
      base: base ?? project.default_branch,
      base_sha,
      head_sha: head,
    };
    const wanted = requires('require_pr_created', services.config, project.settings);
    const found = await codeHost.findPullRequest(host, branch).catch((error: unknown) => {
      if (wanted || !(error instanceof RepositoryError)) throw error;
      return undefined;
    });
    const opens = wanted || !checks;
    // Whoever opened it may have died before it was whole: until it is recorded here, it is asked for again.
    const isRecorded = !opens || (await store.pullRequests.ofBranch(projectId, branch)) !== null;
    const whole = found?.state === 'open' && !isRecorded ? undefined : found;
    const there = whole ?? (opens && (await codeHost.openPullRequest(host, request)));
    if (!there) return undefined;
    const row = await store.pullRequests.open(
      {
        organization_id: organizationId,
        project_id: projectId,
        ticket_id: ticket?.id,
        ...request,
        provider: there.provider,
        checks: checks ?? [],
      },
      { provider_id: there.provider_id, number: there.number, url: () => there.url },
    );
    if (row.state === 'open' && there.state === 'open')
      await codeHost.updatePullRequest(host, { ...request, ...there });
    await settleDraft(services, row.organization_id, row.id);
    return { project, row };
  }

  /** @returns the subject with the newest commit of its branch, or why there is nothing to open a pull request for. */
  async function work(input: Subject) {
    const subject = await facts(input);
    const { branch, base_sha } = subject;
    if (!branch || !base_sha) throw new AppError('invalid_rule', 'There is no branch to open a pull request from.');
    const head = await branchHead(services, subject.project_id, branch);
    const changed = await services.repositories.changedFiles(subject.project_id, base_sha, head);
    if (head !== base_sha && changed.length > 0) return { ...subject, branch, base_sha, head };
    const reason =
      head === base_sha ? 'No commit was made' : `The commits of ${branch} change no file when they are taken together`;
    return `${reason}, so there is nothing to open a pull request for.`;
  }

  const shown = ({ id, number, url }: PullRequest) => ({
    opened: true as const,
    ...{ pull_request_id: id, number, url },
  });

  return {
    openPullRequest: async (input: Subject): Promise<OpenedPullRequest> => {
      const signal = Context.current().cancellationSignal;
      const subject = await work(input);
      if (typeof subject === 'string') return { opened: false, reason: subject };
      const { branch, base_sha: base, head, project_id: projectId, spec, ticket } = subject;
      // Checks the merged result again: parts that passed alone may fail together.
      const check = await checkCommit(
        services,
        {
          organization_id: input.organization_id,
          project_id: projectId,
          sha: head,
          base_sha: base,
          name: `pr-${head.slice(0, 12)}`,
        },
        signal,
      );
      if (!check.passed)
        return {
          opened: false,
          reason: `The project's check fails on ${branch}: ${check.command}\n${check.note}\n${cutEnd(check.output, 2000)}`,
        };
      const made = await show(input.organization_id, subject, head, asPullChecks(check, head));
      if (ticket && !made) await store.tickets.advance(input.organization_id, ticket.id, 'building-done', 'platform');
      if (!made)
        return {
          opened: false,
          done: true,
          reason: `The work is on the branch ${branch}. The project wants no pull request for it (settings.require_pr_created).`,
        };
      const { project, row } = made;
      await answerRemarks(services, project, row);
      // The pull request was merged or closed while the work on its branch continued.
      if (row.state !== 'open' && row.head_sha !== head)
        return {
          opened: false,
          reason:
            `Pull request #${row.number} is ${row.state} and does not contain the newest commits of ${branch}. ` +
            'Create a ticket for them, or cancel this one.',
        };
      if (spec)
        await store.specs.update(
          input.organization_id,
          spec.id,
          { status: 'pr_created', progress: 100, head_sha: head },
          {
            late: true,
            event: {
              type: 'spec.pr_created',
              data: { pr_number: row.number, pr_url: row.url, pull_request_id: row.id },
            },
          },
        );
      if (ticket) await store.tickets.advance(input.organization_id, ticket.id, 'building-done', 'platform');
      return shown(row);
    },

    /**
     * Opens the pull request of a spec before all its work is in it, or brings that up to date. No check of the whole has
     * run, and its description names the tasks that are missing.
     * @throws conflict where there is nothing to open one for.
     */
    openEarlyPull: async (input: { organization_id: string; spec_id: string }): Promise<OpenedPullRequest> => {
      const subject = await work({ ...input, ticket_id: null });
      if (typeof subject === 'string') return { opened: false, reason: subject };
      const made = await show(input.organization_id, subject, subject.head, undefined);
      return shown(present(made, 'the pull request of the spec').row);
    },

    /** Requests a person's decision: the board shows the request, and the ticket waits. */
    needPerson: async (input: { organization_id: string; ticket_id: string; reason: string }): Promise<void> => {
      await store.tickets.patch(input.organization_id, input.ticket_id, {
        needs_review: true,
        last_error: input.reason,
      });
    },
    /** Clears the request after a person's decision. */
    personCame: async (input: { organization_id: string; ticket_id: string }): Promise<void> => {
      await store.tickets.patch(input.organization_id, input.ticket_id, { needs_review: false, last_error: null });
    },
    /** Records that a ticket was cancelled, or that all its tasks were. */
    endTicket: async (input: {
      organization_id: string;
      ticket_id: string;
      reason: string;
      by?: string;
    }): Promise<void> => {
      const { reason, by = 'platform' } = input;
      await store.tickets.cancel(input.organization_id, input.ticket_id, { reason, by });
      for (const task of await store.tasks.ofTicket(input.ticket_id)) await signalWaitingTickets(services, task);
    },
    /**
     * `reopened`: tasks were added after the end of the ticket's workflow, so it is not done. Histories from before it
     * was looked at have no result.
     */
    ticketAdvanced: async (input: {
      organization_id: string;
      ticket_id: string;
      to: 'building' | 'building-done' | 'done';
    }): Promise<{ reopened: boolean } | undefined> => {
      const { organization_id, ticket_id, to } = input;
      if (to !== 'done') await store.tickets.advance(organization_id, ticket_id, to, 'platform');
      else if (!(await store.tickets.complete(organization_id, ticket_id, 'platform'))) return { reopened: true };
      if (input.to !== 'building')
        await store.tickets.patch(input.organization_id, input.ticket_id, { needs_review: false, last_error: null });
      return { reopened: false };
    },
  };
}
