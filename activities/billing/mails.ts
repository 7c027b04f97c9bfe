import { dollars } from '#workflows/domain/billing/account.ts';
import { amountDue, totalOf } from '#workflows/domain/billing/invoices.ts';
import type { Invoice } from '#prisma/generated/client.ts';

export type InvoiceMail = 'generated' | 'reminder' | 'refused' | 'suspended' | 'paid';

const day = (time: Date) => time.toISOString().slice(0, 10);
const moment = (time: string) => `${time.slice(0, 10)} at ${time.slice(11, 16)} UTC`;

/** The subject and the text of a mail about an invoice. */
export function invoiceMail(
  kind: InvoiceMail,
  invoice: Invoice,
  {
    organization,
    page,
    next_try_at,
    failure,
  }: { organization: string; page: string; next_try_at: string | null; failure: string | null },
): { subject: string; text: string } {
  const { number } = invoice;
  const due = dollars(amountDue(invoice));
  const about = `Invoice ${number} of ${organization}`;
  const see = `See it here:\n\n${page}`;
  const pay = `Pay it, or change the card, here:\n\n${page}`;
  const refused = `The payment of ${due} for invoice ${number} failed: ${failure ?? 'no card pays it'}`;
  switch (kind) {
    case 'generated':
      return {
        subject: `${about}: ${due}`,
        text: `${about} is there: ${dollars(totalOf(invoice))}, of which credit paid ${dollars(invoice.credits_applied)}. ${due} are due on ${day(invoice.due_at)}; the default card pays them then. ${see}`,
      };
    case 'reminder':
      return {
        subject: `${about} is due on ${day(invoice.due_at)}`,
        text: `${due} are due on ${day(invoice.due_at)} for ${about}. ${pay}`,
      };
    case 'refused':
      return next_try_at === null
        ? {
            subject: `${about}: last try failed`,
            text: `${refused}\n\nThis was the last try. If the invoice stays unpaid for another day, the account is suspended: running work finishes, and no new work starts. ${pay}`,
          }
        : {
            subject: `${about}: payment failed`,
            text: `${refused}\n\nIt is tried again on ${moment(next_try_at)}. ${pay}`,
          };
    case 'suspended':
      return {
        subject: `${organization} is suspended`,
        text: `${about} is unpaid (${due}), so the account is suspended: running work finishes, and no new work starts. Work starts again as soon as the invoice is paid. ${pay}`,
      };
    case 'paid':
      return { subject: `${about} is paid`, text: `${about} is paid: ${dollars(totalOf(invoice))}. ${see}` };
  }
}

/** The mail about credit that runs out. */
export const lowCreditMail = (organization: string, creditCents: number, page: string) => ({
  subject: `${organization} has ${dollars(creditCents)} of credit left`,
  text: `${organization} has ${dollars(creditCents)} of credit left, which is less than one more workflow may cost. Buy credit or a plan here:\n\n${page}`,
});
