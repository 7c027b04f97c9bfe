import type { Services } from './services.ts';

/** A part of a message at Slack (Block Kit). */
export type SlackBlock = { type: string; block_id?: string } & Record<string, unknown>;

/** A message at Slack. `text` stands for it where its blocks are not shown. */
export interface SlackMessage {
  text: string;
  blocks?: SlackBlock[];
}

/** Text that is not the platform's own, so that Slack reads no link, mention or order of its own in it. */
export const escapeSlack = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Sends a message to an address that Slack gave. @throws OutgoingRefused, or where Slack does not answer. */
export const postToSlack = ({ outgoing }: Pick<Services, 'outgoing'>, address: string, message: object) =>
  outgoing.within({ max_bytes: 65_536, timeout: 20 })(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
  });

const context = (userId: string, id: string) => `${userId}:${id}`;

/** Encrypts the address at Slack that takes a person's messages. */
export function sealSlack({ secrets }: Pick<Services, 'secrets'>, userId: string, id: string, url: string) {
  const { key_id, sealed } = secrets.seal(url, context(userId, id));
  return { id, label: new URL(url).hostname, key_id, sealed };
}

/** The address at Slack that takes a person's messages; undefined where they have not connected it. */
export async function slackAddress(
  { store, secrets }: Pick<Services, 'store' | 'secrets'>,
  userId: string,
): Promise<string | undefined> {
  const credential = await store.notices.slackOf(userId);
  return credential ? secrets.open(credential, context(userId, credential.id)) : undefined;
}
