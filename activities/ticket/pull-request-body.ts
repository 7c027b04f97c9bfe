import { issueOf } from '../ports/issue-of.ts';
import type { PullRequestCheck } from '#prisma/store/json.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Spec } from '#prisma/store/specs.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import type { KeyScope } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import { answeredQuestions, type AnsweredQuestion } from '#workflows/domain/phases/open-questions.ts';
import { cutStart } from '#workflows/domain/text.ts';

export type Check = PullRequestCheck;

/** Escapes text of agents and users, so that its markup has no effect in a pull request. */
const plain = (text: string) =>
  text
    .replace(/[<>|`]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

function taskRows(tasks: Task[]): string {
  const rows = tasks.map((task) => {
    const checks = [
      ...new Set((task.result?.evidence ?? []).flatMap((proof) => (proof.command ? [proof.command] : []))),
    ];
    const shown = checks.length > 0 ? checks.map((command) => `\`${plain(command)}\``).join(', ') : '-';
    return `| ${task.local_id ?? task.key} | ${plain(task.title)} | ${task.requirements.join(', ') || '-'} | ${task.head_sha && task.head_sha !== task.base_sha ? task.head_sha.slice(0, 12) : '-'} | ${shown} |`;
  });
  return ['| task | what | requirements | commit | shown by |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** A check and what it says: a box is ticked only where it shows something. */
function checkLines({ name, sha, unverified, note }: Check): string {
  const at = `a clean checkout of ${sha.slice(0, 12)}`;
  const says = unverified ? `proves nothing in ${at}` : note ? `has no new failure in ${at}` : `passes in ${at}`;
  const notes = (note ?? '').split('\n').filter(Boolean);
  return [
    `- [${unverified ? ' ' : 'x'}] \`${plain(name)}\` ${says}`,
    // Ids of tests have this sign between file and name, and `plain` would drop it.
    ...notes.map((line) => `  - ${cutStart(plain(line.replaceAll(' > ', ' › ')), 2000)}`),
  ].join('\n');
}

async function footer(
  { model }: Pick<Services, 'model'>,
  work: KeyScope,
  checks: Check[] | undefined,
): Promise<string> {
  const run = checks
    ? checks.map(checkLines).join('\n') || '- No check of the project was found.'
    : '- [ ] No check of the whole has passed yet.';
  const isScripted = model.scripted && !(await model.accountOf?.(work))?.key;
  const scripted = isScripted
    ? '\n\n> This was a rehearsal: the model is scripted, its text does not come from a language model. Commands, tests and merges were real.'
    : '';
  return `## Checks\n\n${run}${scripted}`;
}

/** @param followed the ended pull request whose work this one continues. */
export async function ticketPullRequestBody(
  services: Services,
  ticket: Ticket,
  followed: PullRequest | undefined,
  checks: Check[] | undefined,
): Promise<string> {
  const tasks = (await services.store.tasks.ofTicket(ticket.id)).filter((task) => task.status === 'completed');
  const summaries = tasks.map((task) => plain(task.result?.summary ?? '')).filter(Boolean);
  const issue = issueOf(ticket);
  return [
    `${ticket.key}: ${plain(ticket.title)}`,
    ...(issue ? [`Closes #${issue.number}`] : []),
    ...(followed
      ? [`Follows pull request #${followed.number} (${followed.state}): ${plain(followed.title)}. ${followed.url}`]
      : []),
    ...summaries,
    '## Work',
    taskRows(tasks),
    await footer(services, { ...ticket, ticket_id: ticket.id }, checks),
  ].join('\n\n');
}

/** The questions that the plan left open, with the answer of a person or the assumption that the work is built on. */
function questionLines(questions: AnsweredQuestion[]): string[] {
  if (questions.length === 0) return [];
  const lines = questions.map(({ question, assumption, answer }) => {
    const holds = answer
      ? `Answered by ${plain(answer.by)}: ${plain(answer.answer)}`
      : `Assumed, since nobody answered: ${plain(assumption) || 'nothing was stated'}`;
    return `- ${plain(question)}\n  ${holds}`;
  });
  return ['## Open questions', lines.join('\n')];
}

/** The tasks whose work is missing, with their status. */
function missingLines(tasks: Task[]): string[] {
  const open = tasks.filter(({ status }) => status !== 'completed' && status !== 'cancelled');
  const lines = open.map((task) => `- ${task.local_id ?? task.key}: ${plain(task.title)} (${task.status})`);
  return open.length === 0 ? [] : ['## Not complete yet', lines.join('\n')];
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
  const requirements = await services.store.specs.requirements(spec.id);
  const all = await services.store.tasks.ofSpec(spec.id);
  const tasks = all.filter((task) => task.status === 'completed');
  const traced = requirements.map((requirement) => {
    const serving = tasks.filter((task) => task.requirements.includes(requirement.key));
    const missing = all.filter((task) => task.status === 'cancelled' && task.requirements.includes(requirement.key));
    const met = requirement.criteria.filter((criterion) => criterion.completed);
    const notes = [
      ...(met.some((criterion) => (criterion.evidence as { reviewed?: boolean } | null)?.reviewed === false)
        ? ['not reviewed']
        : []),
      ...missing.map((task) => `${task.local_id ?? task.key} was cancelled`),
    ];
    const count = [`${met.length}/${requirement.criteria.length}`, ...notes].join(', ');
    const commits = serving.flatMap((task) =>
      task.head_sha && task.head_sha !== task.base_sha ? [task.head_sha.slice(0, 12)] : [],
    );
    return `| ${requirement.key} | ${plain(requirement.title)} | ${serving.map((task) => task.local_id ?? task.key).join(', ') || '-'} | ${commits.join(', ') || '-'} | ${count} |`;
  });
  const found = tasks.filter((task) => task.discovery_id !== null);
  const parts = [
    cutStart(plain(spec.description), 1500),
    ...missingLines(all),
    '## Requirements',
    ['| requirement | what | tasks | commits | criteria met |', '| --- | --- | --- | --- | --- |', ...traced].join(
      '\n',
    ),
    ...questionLines(answeredQuestions(await services.store.specs.outputs(spec.id), spec.answers)),
    '## Work',
    taskRows(tasks),
  ];
  if (found.length > 0)
    parts.push(`## Found on the way\n\n${found.map((task) => `- ${task.key}: ${plain(task.title)}`).join('\n')}`);
  return [...parts, await footer(services, { ...spec, spec_id: spec.id }, checks)].join('\n\n');
}
