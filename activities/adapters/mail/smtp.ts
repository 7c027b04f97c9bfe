import nodemailer from 'nodemailer';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { MailPort } from '../../ports/mail.ts';
import type { Config } from '../../services/config.ts';
import type { Created } from '../provider.ts';

const connectMs = 10_000;
const silenceMs = 30_000;

/** The setting is checked when it is read, so it is a URL of SMTP. */
export function createSmtpMail(config: Config): Created<MailPort> {
  const { smtp_url: url, from } = config.mail;
  const domain = /@([^\s<>@]+)>?$/.exec(from)?.[1] ?? 'localhost';
  const transport = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    port: {
      provider: 'smtp',
      delivers: true,
      send: async ({ id, to, subject, text }) => {
        try {
          await transport.sendMail({
            from,
            to: { name: '', address: to },
            subject,
            text,
            messageId: `<${id}@${domain}>`,
            headers: { 'Auto-Submitted': 'auto-generated' },
          });
        } catch (error) {
          throw problemOf(error);
        }
      },
    },
    close: async () => transport.close(),
  };
}

interface SmtpError {
  code?: string;
  responseCode?: number;
  response?: string;
  message?: string;
}

/** A refusal of the mail itself is for good; everything else can pass, or an operator changes the settings. */
function problemOf(error: unknown): AppError {
  const { code, responseCode = 0, response, message = String(error) } = error as SmtpError;
  const said = cutStart((response ?? message).replace(/\s+/g, ' ').trim(), 300);
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535)
    return new AppError('unavailable', `SMTP_URL: the mail server refuses user or password: ${said}`);
  if (responseCode >= 500 && responseCode < 600)
    return new AppError('invalid_rule', `The mail server refuses the mail: ${said}`);
  return new AppError('unavailable', `The mail server does not take the mail: ${said}`);
}
