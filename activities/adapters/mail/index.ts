import type { MailPort } from '../../ports/mail.ts';
import type { Config } from '../../services/config.ts';
import type { Providers } from '../provider.ts';

export interface MailParts {
  config: Config;
}

/** The values of `mail.provider`. */
export const mailProviders: Providers<MailPort, MailParts> = {
  smtp: {
    embedded: false,
    configured: ({ mail }) => mail.smtp_url !== undefined,
    create: async ({ config }) => (await import('./smtp.ts')).createSmtpMail(config),
  },
  embedded: {
    embedded: true,
    create: async () => ({ port: (await import('./embedded.ts')).createMailbox() }),
  },
};
