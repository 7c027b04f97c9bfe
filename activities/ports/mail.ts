/** A mail as its reader gets it. */
interface MailMessage {
  /** The Message-ID follows from it, so that a receiver recognizes a mail that is sent a second time. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** Sends mails. */
export interface MailPort {
  readonly provider: string;
  /** False: no mail leaves this installation. Mails stay in its mailbox. */
  readonly delivers: boolean;
  /**
   * Returns when the mail server has taken the mail.
   * @throws AppError: `unavailable` for what can pass, `invalid_rule` for a mail that the server refuses for good.
   */
  send(message: MailMessage): Promise<void>;
}
