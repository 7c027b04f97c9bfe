import { textWithLink } from '#activities/ports/send-mail.ts';
import type * as contracts from '../contracts/mails.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { toPageView } from './views.ts';

type State = 'waiting' | 'sent' | 'failed' | 'kept';

export async function listMails({ services }: Call, page: Query<typeof contracts.listMails>) {
  const view = toPageView(await services.store.mails.list(page), (mail) => ({
    id: mail.id,
    to: mail.recipient,
    subject: mail.subject,
    text:
      mail.state === 'kept'
        ? textWithLink(services, mail).text
        : mail.text.replaceAll('{link}', '(link not shown here)'),
    state: mail.state as State,
    error: mail.error,
    created_at: mail.created_at.toISOString(),
    ended_at: mail.ended_at?.toISOString() ?? null,
  }));
  return { ...view, delivers: services.mail.delivers };
}
