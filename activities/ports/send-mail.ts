import type { Services } from './services.ts';

interface NewMail {
  /** Two calls with one id send one mail. */
  id?: string;
  to: string;
  subject: string;
  /** Plain text, stored as it is. `{link}` stands for the link. */
  text: string;
  /** An address with a secret in it. It is stored encrypted, and removed when the mail server has the mail. */
  link?: string;
}

/**
 * `sendMail(services, { to, subject, text })` stores a mail and starts the workflow that sends it; the caller does not wait
 * for the mail server. Use it for every mail. Where there is no mail server, the mail stays in the local mailbox.
 * @returns the id of the mail.
 */
export async function sendMail(services: MailSender, mail: NewMail): Promise<string> {
  const { store, secrets, workflows, mail: port, log } = services;
  const { id = crypto.randomUUID(), link, to, subject, text } = mail;
  const sealed = link === undefined ? undefined : secrets.seal(link, mailContext(id));
  await store.mails.create({
    id,
    recipient: to,
    subject,
    text,
    key_id: sealed?.key_id,
    sealed_link: sealed?.sealed,
    state: port.delivers ? 'waiting' : 'kept',
  });
  if (port.delivers)
    // The server starts what is stored and has no workflow, so a mail is not lost here.
    await workflows.startMail(id).catch((error: unknown) => {
      log.warn({ mail_id: id, error: String(error) }, 'a mail waits: its workflow could not be started');
    });
  return id;
}

type MailSender = Pick<Services, 'store' | 'secrets' | 'workflows' | 'mail' | 'log'>;

/** The context under which the link of a mail is encrypted. */
const mailContext = (id: string) => `mail:${id}`;

/** The text of a stored mail with its link. `{link}` alone is left where the link was removed. */
export function textWithLink(
  { secrets }: Pick<Services, 'secrets'>,
  mail: { id: string; text: string; key_id: string | null; sealed_link: string | null },
): { text: string; link?: string } {
  const { key_id: keyId, sealed_link: sealed } = mail;
  if (keyId === null || sealed === null) return { text: mail.text };
  const link = secrets.open({ key_id: keyId, sealed }, mailContext(mail.id));
  return { text: mail.text.replaceAll('{link}', () => link), link };
}
