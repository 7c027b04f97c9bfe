import { issueOf } from '../ports/issue-of.ts';
import type { PullRequestCheck } from '#prisma/store/json.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Spec } from '#prisma/store/specs.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import type { KeyScope } from '../ports/model.ts';
import { pageLink } from '../ports/page-link.ts';
import type { Services } from '../ports/services.ts';
import { inertText } from '#workflows/domain/inert-text.ts';
import { answeredQuestions } from '#workflows/domain/phases/open-questions.ts';
import { pullRequestText } from './pull-request-text.ts';

export type Check = PullRequestCheck;

const isScripted = async ({ model }: Services, work: KeyScope) =>
  model.scripted && !(await model.accountOf?.(work))?.key;

/** @param followed the ended pull request whose work this one continues. */
export async function ticketPullRequestBody(
  services: Services,
  ticket: Ticket,
  followed: PullRequest | undefined,
  checks: Check[] | undefined,
): Promise<string> {
  const tasks = (await services.store.tasks.ofTicket(ticket.id)).filter((task) => task.status === 'completed');
  const issue = issueOf(ticket);
  return pullRequestText({
    words: [`${ticket.key}: ${ticket.title}`, ...tasks.map((task) => task.result?.summary ?? '')],
    links: [
      ...(issue ? [`Closes #${issue.number}`] : []),
      ...(followed
        ? [
            `Follows pull request #${followed.number} (${followed.state}): ${inertText(followed.title, 200)}. ${followed.url}`,
          ]
        : []),
    ],
    ...{ tasks, checks, page: pageLink(services, `/tickets/${ticket.id}`) },
    scripted: await isScripted(services, { ...ticket, ticket_id: ticket.id }),
  });
}

/**
 * Lists for each requirement the tasks that serve it, their commits and the commands that verified them.
 * @param checks of the whole; undefined: none has run.
 */
export async function specPullRequestBody(
  services: Services,
  spec: Spec,
  checks: Check[] | undefined,
): Promise<string> {
  const { specs, tasks } = services.store;
  return pullRequestText({
    ...{ words: [spec.description], links: [], checks },
    tasks: await tasks.ofSpec(spec.id),
    plan: {
      requirements: await specs.requirements(spec.id),
      questions: answeredQuestions(await specs.outputs(spec.id), spec.answers),
    },
    scripted: await isScripted(services, { ...spec, spec_id: spec.id }),
    page: pageLink(services, `/specs/${spec.id}`),
  });
}
