import type { MailPort } from '../../ports/mail.ts';

/** There is no mail server: mails stay in the table `mails`, where administrators of the installation read them. */
export function createMailbox(): MailPort {
  return { provider: 'embedded', delivers: false, send: async () => undefined };
}
