import { setTimeout as sleep } from 'node:timers/promises';
import { textWithLink } from '#activities/ports/send-mail.ts';
import type { Services } from '#activities/ports/services.ts';

/** The token of the newest mail to an address, whose subject matches; mails may be made behind an answer. */
export async function mailedToken(services: Pick<Services, 'store' | 'secrets'>, to: string, subject: RegExp) {
  const until = Date.now() + 20_000;
  for (;;) {
    const { items } = await services.store.mails.list({ limit: 200 });
    const mail = items.find((one) => one.recipient === to.toLowerCase() && subject.test(one.subject));
    const token = mail && /[?]token=(\S+)/.exec(textWithLink(services, mail).text)?.[1];
    if (token) return token;
    if (Date.now() > until) throw new Error(`No mail to ${to} matches ${subject}.`);
    await sleep(50);
  }
}
