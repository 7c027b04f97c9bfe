import { pageLink } from './page-link.ts';
import { sendMail } from './send-mail.ts';
import type { Services } from './services.ts';

/**
 * Mails everybody who looks after an organization's money.
 * @param idOf the id of the mail to an address: two mails with one id are sent once.
 */
export async function mailPayers(
  services: Parameters<typeof sendMail>[0] & Pick<Services, 'config'>,
  organizationId: string,
  idOf: (to: string) => string,
  write: (about: { organization: string; page: string }) => { subject: string; text: string },
): Promise<void> {
  const { name, addresses } = await services.store.billing.recipients(organizationId);
  if (addresses.length === 0)
    services.log.error(
      { organization_id: organizationId },
      'a mail about money reaches nobody: the organization has no billing_email and no active member who may see its billing',
    );
  const page = pageLink(services, `/organizations/${organizationId}/billing`);
  for (const to of addresses) await sendMail(services, { ...write({ organization: name, page }), id: idOf(to), to });
}
