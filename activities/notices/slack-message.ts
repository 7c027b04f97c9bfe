import type { InboxItem } from '#prisma/store/inbox.ts';
import type { Notification } from '#prisma/store/notices.ts';
import { actionWords, itemActions, itemId, itemMark, itemPage, type InboxAction } from '#workflows/domain/inbox.ts';
import { pressedSchema, slackIds, type Pressed } from '#workflows/domain/notifications/slack-buttons.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { escapeSlack, type SlackBlock, type SlackMessage } from '../ports/slack.ts';
import { messageOf } from './message.ts';

/** Characters of a block's text, of a button's, and of what a button carries; Slack takes 3,000, 75 and 2,000. */
const mostText = 2900;
const mostLabel = 75;
const mostValue = 2000;
/** Items that have buttons in one message, and answers that a question offers. Slack takes 50 blocks. */
const mostItems = 5;
const mostOptions = 10;

const styles: Partial<Record<InboxAction, 'primary' | 'danger'>> = {
  approve: 'primary',
  accept: 'primary',
  reject: 'danger',
  terminate: 'danger',
};

const section = (text: string): SlackBlock => ({ type: 'section', text: { type: 'mrkdwn', text } });

/** Paragraphs as few blocks. */
function sections(text: string): SlackBlock[] {
  const parts: string[] = [];
  for (const paragraph of text.split('\n\n')) {
    const longer = parts.length > 0 ? `${parts.at(-1)}\n\n${paragraph}` : paragraph;
    if (parts.length > 0 && longer.length <= mostText) parts[parts.length - 1] = longer;
    else parts.push(cutStart(paragraph, mostText));
  }
  return parts.map(section);
}

function button(action: InboxAction, label: string, pressed: Pressed, n = 0): SlackBlock[] {
  const value = JSON.stringify(pressedSchema.parse(pressed));
  if (value.length > mostValue) return [];
  const style = styles[action];
  return [
    {
      type: 'button',
      action_id: `${action} ${n}`,
      text: { type: 'plain_text', text: cutStart(label, mostLabel) },
      value,
      ...(style ? { style } : {}),
    },
  ];
}

/** What an item can be answered with: a button for each answer, and a field where one of them has words. */
function answers(item: InboxItem, organization_id: string): SlackBlock[] {
  const id = itemId(item);
  const seen = { organization_id, item: id, mark: itemMark(item) };
  const offered = Object.entries(itemActions[item.kind]) as [InboxAction, { text?: { means: string } }][];
  const options =
    item.kind === 'question'
      ? item.options
          .slice(0, mostOptions)
          .flatMap((text, n) => button('answer', text, { ...seen, action: 'answer', text }, n + 1))
      : [];
  const buttons = offered.flatMap(([action]) => button(action, actionWords[action].order, { ...seen, action }));
  const means = new Set(offered.flatMap(([, { text }]) => (text ? [text.means] : [])));
  const words: SlackBlock = {
    type: 'input',
    block_id: slackIds.words(id),
    optional: true,
    label: { type: 'plain_text', text: [...means].join(', or ') },
    element: { type: 'plain_text_input', action_id: 'words', multiline: true, max_length: mostText },
  };
  return [
    ...(means.size > 0 ? [words] : []),
    { type: 'actions', block_id: slackIds.buttons(id), elements: [...options, ...buttons] },
  ];
}

/**
 * Several notices as one message, with buttons for what waits for an answer. No text of others is read by Slack as a link or
 * a mention.
 * @param items what waits in the organization; empty: no buttons.
 */
export function slackMessage(
  rows: Notification[],
  items: InboxItem[],
  to: { organization: string; link: (path: string) => string },
): SlackMessage {
  const { subject, text } = messageOf(rows, to);
  const said = escapeSlack(`*${subject}*\n${text}`);
  const links = new Set(rows.map(({ link }) => link));
  const waiting = items.filter((item) => links.has(itemPage(item))).slice(0, mostItems);
  const [first] = rows;
  if (waiting.length === 0 || !first) return { text: said };
  const parts = waiting.flatMap((item) => [
    ...(waiting.length > 1 ? [section(escapeSlack(`*${item.title}*\n${cutStart(item.reason, 300)}`))] : []),
    ...answers(item, first.organization_id),
  ]);
  return { text: said, blocks: [...sections(said), ...parts] };
}
