import type { Command } from 'commander';
import { answerItem, listInbox } from '#server/contracts/inbox.ts';
import { inboxActions } from '#workflows/domain/inbox.ts';
import { oneOf } from '../arguments.ts';
import { CliError, type Client } from '../client.ts';
import type { CliContext } from '../context.ts';
import { table } from '../screen.ts';

/** `gate:1a2b3c4d` instead of the whole id. */
const shortItem = (id: string) => id.replace(/:([0-9a-f]{8}).*$/, ':$1');

/** Completes the beginning of an item's id, with its kind or without. */
async function itemId(client: Client, text: string): Promise<string> {
  const { items } = await client.call(listInbox, { query: { snoozed: 'true' } });
  const found = items.filter(({ id }) => id.startsWith(text) || id.split(':')[1]?.startsWith(text));
  const [only, ...others] = found;
  if (!only) throw new CliError(`Nothing in the inbox begins with ${text}. omoios inbox list shows what waits.`);
  if (others.length > 0)
    throw new CliError(`${text} is the beginning of ${found.length} items. Give more of the id.`, 2);
  return only.id;
}

export function inboxCommands(program: Command, context: CliContext): void {
  const inbox = program.command('inbox').description('what waits for a person');
  inbox
    .command('list')
    .description('list what waits for a person, by what it holds up')
    .option('--all', 'with what you have hidden for a while')
    .action(async ({ all }: { all?: boolean }) => {
      const list = await context.client().call(listInbox, { query: { snoozed: all ? 'true' : 'false' } });
      const rows = list.items.map((item) => [
        shortItem(item.id),
        item.priority,
        item.blocks,
        item.actions.join(' '),
        `${item.title}: ${item.reason}`,
      ]);
      context.print(
        list,
        list.items.length === 0
          ? 'Nothing waits for you.'
          : table([['id', 'priority', 'holds up', 'answer with', 'what'], ...rows]),
      );
    });
  inbox
    .command('answer <id> [text]')
    .description('answer an item; the text is the answer to a question, or what has to change')
    .option('--action <action>', `one of ${inboxActions.join(', ')}, where the item takes several`)
    .option('--head-sha <id>', 'the newest commit of the pull request that you saw')
    .action(
      async (id: string, text: string | undefined, { action, headSha }: { action?: string; headSha?: string }) => {
        const client = context.client();
        const answer = await client.call(answerItem, {
          params: { id: await itemId(client, id) },
          body: {
            text,
            head_sha: headSha,
            action: action === undefined ? undefined : oneOf('--action', action, inboxActions),
          },
        });
        context.print(answer, 'Answered.');
      },
    );
}
