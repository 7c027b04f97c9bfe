import { AppError } from '#workflows/domain/errors.ts';
import { textWithLink } from '../ports/send-mail.ts';
import type { Services } from '../ports/services.ts';

/** Steps of `mailWorkflow`. They get the mail's id alone, so no history holds an address, a text or a link. */
export function createMailActivities(services: Pick<Services, 'store' | 'secrets' | 'mail'>) {
  const { store, mail: port } = services;
  return {
    /** Sends a stored mail, unless it has an end already. */
    sendMail: async ({ mail_id: id }: { mail_id: string }): Promise<void> => {
      const mail = await store.mails.get(id);
      if (mail.state !== 'waiting') return;
      const { text, link } = textWithLink(services, mail);
      const message = { id, to: mail.recipient, subject: mail.subject, text };
      await port.send(message).catch((error: unknown) => {
        throw withoutSecrets(error, mail.recipient, link);
      });
      await store.mails.sent(id);
    },

    /** Records that a mail cannot be sent, and why. */
    failMail: async ({ mail_id: id, error }: { mail_id: string; error: string }): Promise<void> => {
      await store.mails.failed(id, error);
    },
  };
}

/** A mail server may quote the mail in its answer: neither its link nor the address may reach a history. */
function withoutSecrets(error: unknown, address: string, link: string | undefined): unknown {
  if (!(error instanceof AppError)) return error;
  const token = link?.split('=').at(-1);
  const message = [link, token, address].reduce<string>(
    (text, secret) => (secret ? text.replaceAll(secret, () => '…') : text),
    error.message,
  );
  return new AppError(error.code, message, undefined, error.retryAfter);
}
