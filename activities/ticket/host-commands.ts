import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import { cancelTicketWork, endTaskWork, retryTicketWork } from '../ports/act-on-ticket.ts';
import type { HostAccount } from '../ports/code-host.ts';
import { hostMember, refusalOf, workRefusal, type Member } from '../ports/host-member.ts';
import { requireMoney, requireWorkable } from '../ports/require-workable.ts';
import type { Services } from '../ports/services.ts';

/** A comment that begins with `/omoios`. */
export interface HostCommand {
  verb: string;
  words: string;
}

const pattern = /^\s*\/omoios(?![\w-])[ \t]*(\S*)\s*([\s\S]*)$/i;

/** The command that a comment is; undefined for other words. */
export function commandOf(body: string): HostCommand | undefined {
  const [, verb, words = ''] = pattern.exec(body) ?? [];
  return verb === undefined ? undefined : { verb: verb.toLowerCase(), words: words.trim() };
}

/** Who wrote a command, and when. */
export interface Commander {
  provider: string;
  author: HostAccount;
  at: string;
}

/** What came of a command. `key`: what is answered once with the same key. */
export interface Outcome {
  key: string;
  body: string;
}

const help =
  'Commands here: `/omoios start` begins work on an issue, `/omoios stop` ends the work, `/omoios retry` tries again what has failed, ' +
  'and `/omoios ask WORDS` in a pull request asks for changes.';

/** An error's message without the name of the field of a call. */
export const asSentence = (message: string) =>
  message.replace(/^[a-z_]+: (\w)/, (_, first: string) => first.toUpperCase());

/** Carries out what members command by comments at the code host. Every command is safe to repeat. */
export function createHostCommands(services: Services) {
  const { store } = services;

  /** Who commands, or the answer to somebody who may not. */
  async function member(
    organizationId: string,
    { provider, author, at }: Commander,
    permission: string,
    key: string,
  ): Promise<{ user: Member } | Outcome> {
    const found = await hostMember(services, organizationId, { provider, ...author }, permission, at);
    if ('user' in found) return found;
    // However many others write, they get one answer in a conversation.
    return { key: found.linked ? key : 'unlinked', body: found.refusal };
  }

  /** Ends what agents do on tickets whose pull request is open. */
  async function stopTasks(tickets: Ticket[], by: string): Promise<string> {
    const open = (await Promise.all(tickets.map(({ id }) => store.tasks.ofTicket(id))))
      .flat()
      .filter(({ status }) => status !== 'completed' && status !== 'cancelled');
    for (const task of open) await endTaskWork(services, task, 'cancelled', { reason: 'Stopped by a comment.', by });
    if (open.length === 0) return 'Nothing is at work for this pull request: there is nothing to stop.';
    return `Stopped: ${open.map(({ key }) => key).join(', ')}. The pull request stays open.`;
  }

  async function retry(tickets: Ticket[], refused: () => Promise<string | undefined>): Promise<string> {
    const refusal = await refused();
    if (refusal) return asSentence(refusal);
    const tried: string[] = [];
    for (const ticket of tickets) if (await retryTicketWork(services, ticket)) tried.push(ticket.key);
    if (tried.length > 0) return `What had failed is tried again: ${tried.join(', ')}.`;
    const states = tickets.map(({ key, status }) => `${key} is ${status}`).join(', ');
    return `Nothing has failed that could be tried again${states ? `: ${states}` : ''}.`;
  }

  /** Whoever may do one thing with tickets may get the help. */
  const permissions: Record<string, string> = { stop: 'task:write' };

  return {
    member,

    /** A command in the conversation of a pull request; `ask` with words is a remark, and none for here. */
    async ofPull(
      pull: PullRequest,
      tickets: Ticket[],
      { verb }: HostCommand,
      commander: Commander & { id: string },
    ): Promise<Outcome> {
      const key = `command:${commander.id}`;
      const by = await member(pull.organization_id, commander, permissions[verb] ?? 'ticket:write', key);
      if (!('user' in by)) return by;
      const { email } = by.user;
      if (verb === 'stop') return { key, body: await stopTasks(tickets, email) };
      if (verb === 'retry') return { key, body: await retry(tickets, () => workRefusal(services, pull, by.user)) };
      if (verb === 'start')
        return {
          key,
          body: 'The work of this pull request has begun. Ask for changes with `/omoios ask WORDS`.',
        };
      return { key: 'help', body: help };
    },

    /** A command on an issue other than `start`. @param ticket the newest of the issue. */
    async ofIssue(
      organizationId: string,
      ticket: Ticket | undefined,
      { verb }: HostCommand,
      commander: Commander & { id: string },
    ): Promise<Outcome> {
      const key = `command:${commander.id}`;
      const by = await member(organizationId, commander, 'ticket:write', key);
      if (!('user' in by)) return by;
      if (verb !== 'stop' && verb !== 'retry') return { key: 'help', body: help };
      if (!ticket) return { key, body: `No work has begun for this issue: there is nothing to ${verb}.` };
      if (verb === 'stop') {
        const end = { reason: 'Stopped by a comment on its issue', by: by.user.email };
        const refusal = await refusalOf(() => cancelTicketWork(services, ticket, end));
        return { key, body: refusal ? asSentence(refusal) : `${ticket.key} is stopped.` };
      }
      const refused = () =>
        refusalOf(async () => {
          const call = { services, organization_id: organizationId, actor: { ...by.user, user_id: by.user.id } };
          await requireWorkable(call, ticket.project_id);
          const work = await store.scopes.workOf('ticket', ticket.id);
          if (work) await requireMoney(call, work);
        });
      return { key, body: await retry([ticket], refused) };
    },
  };
}
