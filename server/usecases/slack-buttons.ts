import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pageLink } from '#activities/ports/page-link.ts';
import { escapeSlack, postToSlack, type SlackBlock } from '#activities/ports/slack.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { actionWords } from '#workflows/domain/inbox.ts';
import {
  readInteraction,
  readPressed,
  slackIds,
  type Interaction,
} from '#workflows/domain/notifications/slack-buttons.ts';
import { answerItem } from '../contracts/inbox.ts';
import type { Call } from '../http/context.ts';
import { sha256 } from '../http/tokens.ts';
import { requireSignIn } from './account.ts';
import { answerSeen } from './inbox.ts';
import { notificationSettings } from './notifications.ts';
import { at } from './views.ts';

const codeMinutes = 10;
/** Slack shows an error where it has no answer after three seconds. */
const answerWithinMs = 2000;
/** A press that was not finished belongs to a process that died. */
const abandonedAfterMs = 60_000;

/** The secret with which Slack signs what is pressed. @throws invalid_rule where messages have no buttons. */
export function signingSecret({ services }: Call): string {
  const secret = services.config.notifications.slack_signing_secret;
  if (!secret)
    throw new AppError(
      'invalid_rule',
      'Messages at Slack have no buttons here. The operator sets SLACK_SIGNING_SECRET.',
    );
  return secret;
}

export async function createSlackCode(call: Call) {
  requireSignIn(call);
  const { services, actor } = call;
  signingSecret(call);
  const code = randomBytes(10).toString('hex');
  const expires_at = new Date(Date.now() + codeMinutes * 60_000);
  await services.store.notices.createSlackCode(actor.user_id, { code_hash: sha256(code), expires_at });
  return { code, expires_at: at(expires_at) };
}

export async function unlinkSlack(call: Call) {
  requireSignIn(call);
  await call.services.store.notices.unlinkSlack(call.actor.user_id);
  return notificationSettings(call);
}

/** Takes a pressed button from Slack. What it did is said there. @param payload JSON of an interaction, whose signature fits. */
export async function takeInteraction(call: Call, payload: string): Promise<{ received: true }> {
  const given = readInteraction(payload);
  if (given === undefined) throw new AppError('invalid_body', 'payload: must be an interaction of Slack, as JSON.');
  if (given === 'other') return { received: true };
  const { log } = call.services;
  const work = act(call, given).catch((error: unknown) =>
    log.warn({ error: String(error) }, 'a pressed button at Slack got no answer there'),
  );
  await Promise.race([work, sleep(answerWithinMs)]);
  return { received: true };
}

/** Does what was pressed and says it at Slack: in the message for all, or to the person alone where nothing was done. */
async function act(call: Call, given: Interaction): Promise<void> {
  const { services } = call;
  const { hostname } = new URL(given.response_url);
  if (!services.config.notifications.slack_hosts.includes(hostname))
    throw new AppError('invalid_rule', `response_url: ${hostname} is not in notifications.slack_hosts.`);
  let reply: object;
  try {
    reply = given.actions[0]?.action_id === slackIds.link ? await link(call, given) : await press(call, given);
  } catch (error) {
    if (!(error instanceof AppError)) services.log.error({ error: String(error) }, 'a pressed button at Slack failed');
    reply = alone(error instanceof AppError ? error.message : 'Something went wrong here. Press it again in a moment.');
  }
  const answer = await postToSlack(services, given.response_url, reply);
  if (!answer.ok) throw new Error(`Slack answers ${answer.status}`);
}

const alone = (text: string, blocks?: SlackBlock[]) => ({
  ...{ response_type: 'ephemeral', replace_original: false, text: escapeSlack(text) },
  ...(blocks ? { blocks } : {}),
});

const whoOf = ({ user, team }: Interaction) => ({ team_id: user.team_id ?? team?.id ?? '', slack_id: user.id });
const wordsAt = ({ state }: Interaction, blockId: string) =>
  Object.values(state?.values[blockId] ?? {})[0]?.value?.trim() || undefined;

/** Asks somebody whom nobody knows here for a code. */
function askForCode({ services }: Call) {
  const text = `Who you are here is not known yet. Create a code at ${pageLink(services, '/settings/notifications')}, signed in, and write it here.`;
  return alone(text, [
    { type: 'section', text: { type: 'mrkdwn', text: escapeSlack(text) } },
    {
      ...{ type: 'input', block_id: slackIds.code, label: { type: 'plain_text', text: 'Code' } },
      element: { type: 'plain_text_input', action_id: 'words' },
    },
    {
      ...{ type: 'actions', block_id: slackIds.link },
      elements: [{ type: 'button', action_id: slackIds.link, text: { type: 'plain_text', text: 'Link' } }],
    },
  ]);
}

async function link(call: Call, given: Interaction) {
  const name = given.user.username ?? given.user.id;
  const code = wordsAt(given, slackIds.code) ?? '';
  const person = await call.services.store.notices.linkSlack({ ...whoOf(given), name }, sha256(code));
  if (!person)
    return alone('This code does not work: it was used, replaced, or is older than ten minutes. Create another one.');
  return {
    replace_original: true,
    text: escapeSlack(`What you press here is done as ${person.email}. Press it again.`),
  };
}

async function press(call: Call, given: Interaction) {
  const { notices, identity } = call.services.store;
  const person = await notices.slackPerson(whoOf(given));
  if (!person) return askForCode(call);
  const carried = readPressed(given);
  if (!carried) return alone('This button is of another program, or of an older version. Open the page instead.');
  const { organization_id, item, mark, ...pressed } = carried;
  const text = pressed.text ?? wordsAt(given, slackIds.words(item));
  const body = { action: pressed.action, ...(text ? { text } : {}) };
  const member = await call.inNameOf(person.user_id, organization_id);
  const through = await member.through(answerItem, { params: { id: item }, body });
  // Of everybody who presses, one decides; the others are told who did.
  const [once, key] = [`slack:${organization_id}`, `${item} ${mark}`];
  const known = await identity.claimRequest(once, key, key, abandonedAfterMs);
  if (known?.body) return decided(given, item, known.body);
  if (known) return alone('It is being answered right now.');
  try {
    await answerSeen(through, item, mark, body);
  } catch (error) {
    await identity.forgetRequest(once, key);
    if (error instanceof AppError && error.code === 'not_found')
      return decided(given, item, 'It does not wait any more.');
    throw error;
  }
  const said = `${actionWords[pressed.action].done} by ${through.actor.email}${text ? `: ${text}` : ''}`;
  await identity.answerRequest(once, key, 200, said);
  return decided(given, item, said);
}

/** The message with what was decided in place of the buttons. */
function decided({ message }: Interaction, item: string, said: string) {
  const [words, buttons] = [slackIds.words(item), slackIds.buttons(item)];
  const context = { type: 'context', elements: [{ type: 'mrkdwn', text: escapeSlack(said.slice(0, 2000)) }] };
  const blocks = (message?.blocks ?? []).flatMap((one) =>
    one.block_id === words ? [] : one.block_id === buttons ? [context] : [one],
  );
  return {
    replace_original: true,
    text: message?.text ?? escapeSlack(said),
    blocks: blocks.length > 0 ? blocks : [context],
  };
}
