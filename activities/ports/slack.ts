import type { Services } from './services.ts';

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
