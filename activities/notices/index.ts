import { AppError } from '#workflows/domain/errors.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { dueAt } from '#workflows/domain/notifications/due.ts';
import type { NoticeSettings } from '#workflows/domain/notifications/kinds.ts';
import type { Notification } from '#prisma/store/notices.ts';
import { pageLink } from '../ports/page-link.ts';
import type { Services } from '../ports/services.ts';
import { deterministicId } from '../support/ids.ts';
import { messageOf } from './message.ts';
import { slackAddress } from '../ports/slack.ts';

/** Most notices that are looked at in one step; the next step goes on. */
const mostAtOnce = 1000;

interface Person {
  email: string;
  settings: NoticeSettings;
}

/** Steps of `noticesWorkflow`. No history holds an address or a text. */
export function createNoticesActivities(services: Services) {
  const { store, workflows, mail: port, log } = services;

  /** A person who may still read what they are told; undefined for one who left, or lost the right. */
  async function personOf(organizationId: string, userId: string): Promise<Person | undefined> {
    const [user, all] = await Promise.all([store.identity.userById(userId), store.identity.grantsOf(userId)]);
    const grant = all.find(({ organization_id: id }) => id === organizationId);
    if (!user?.is_active || !grant || !grants(grant.permissions, 'project:read')) return undefined;
    return { email: user.email, settings: await store.notices.settings(userId) };
  }

  /** What waits, by person. */
  async function waiting(organizationId: string, channel: 'mail' | 'slack') {
    const rows = await store.notices.waiting(organizationId, channel, mostAtOnce);
    const byPerson = new Map<string, Notification[]>();
    for (const row of rows) byPerson.set(row.user_id, [...(byPerson.get(row.user_id) ?? []), row]);
    return byPerson;
  }

  /** Those that are due, and when the next one is. Those that are never due are left out for good. */
  async function due(rows: Notification[], { settings }: Person, channel: 'mail' | 'slack') {
    const times = rows.map((row) => ({ row, at: dueAt({ ...row, severity: row.severity as never }, settings) }));
    const never = times.filter(({ at }) => at === null).map(({ row }) => row.id);
    if (never.length > 0) await store.notices.skip(never, channel);
    const now = Date.now();
    const later = times.flatMap(({ at }) => (at && at.getTime() > now ? [at.getTime()] : []));
    return {
      now: times.filter(({ at }) => at && at.getTime() <= now).map(({ row }) => row),
      next: later.length > 0 ? Math.min(...later) : undefined,
    };
  }

  const link = (path: string) => pageLink(services, path);

  return {
    /** Stores one mail for each person with all that is due, and starts to send it. */
    mailNotices: async ({ organization_id: organizationId }: { organization_id: string }): Promise<void> => {
      const { name } = await store.identity.organization(organizationId);
      for (const [userId, rows] of await waiting(organizationId, 'mail')) {
        const person = await personOf(organizationId, userId);
        if (!person) {
          await store.notices.skip(
            rows.map(({ id }) => id),
            'mail',
          );
          continue;
        }
        const { now } = await due(rows, person, 'mail');
        const [first] = now;
        if (!first) continue;
        const ids = now.map(({ id }) => id);
        const id = deterministicId(`notices:${ids.join(',')}`);
        await store.notices.mail(ids, {
          id,
          recipient: person.email,
          ...messageOf(now, { organization: name, link }),
          state: port.delivers ? 'waiting' : 'kept',
        });
        if (port.delivers)
          await workflows.startMail(id).catch((error: unknown) => {
            log.warn({ mail_id: id, error: String(error) }, 'a mail waits: its workflow could not be started');
          });
      }
    },

    /**
     * Sends to Slack what is due. What a process that died may have sent is not sent again.
     * @returns when the next notice is due, by mail or at Slack; null: none waits.
     */
    sendNotices: async ({
      organization_id: organizationId,
    }: {
      organization_id: string;
    }): Promise<{ next_at: string | null }> => {
      await store.notices.giveUpSlack(
        organizationId,
        'The platform stopped while it sent this to Slack, so it may be there or not.',
      );
      const next: number[] = [];
      for (const channel of ['slack', 'mail'] as const)
        for (const [userId, rows] of await waiting(organizationId, channel)) {
          const person = await personOf(organizationId, userId);
          const address = channel === 'slack' && person ? await slackAddress(services, userId) : undefined;
          if (!person || (channel === 'slack' && !address)) {
            await store.notices.skip(
              rows.map(({ id }) => id),
              channel,
            );
            continue;
          }
          const { now, next: later } = await due(rows, person, channel);
          if (later !== undefined) next.push(later);
          if (address && now.length > 0) {
            const again = await send(organizationId, address, now);
            if (again !== undefined) next.push(again);
          } else if (channel === 'mail' && now.length > 0) next.push(Date.now());
        }
      return { next_at: next.length > 0 ? new Date(Math.min(...next)).toISOString() : null };
    },
  };

  /** @returns when to try again, where Slack asks to wait. */
  async function send(organizationId: string, address: string, rows: Notification[]): Promise<number | undefined> {
    const { name } = await store.identity.organization(organizationId);
    const ids = await store.notices.beginSlack(rows.map(({ id }) => id));
    const mine = rows.filter(({ id }) => ids.includes(id));
    if (mine.length === 0) return undefined;
    const { subject, text } = messageOf(mine, { organization: name, link });
    try {
      const answer = await services.outgoing.within({ max_bytes: 65_536, timeout: 20 })(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: `*${subject}*\n${text}` }),
      });
      if (answer.status === 429) {
        const seconds = Number(answer.headers.get('retry-after')) || 60;
        await store.notices.endSlack(ids, 'waiting', `Slack asks to wait ${seconds} s.`);
        return Date.now() + seconds * 1000;
      }
      const words = answer.ok ? null : `Slack answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`;
      await store.notices.endSlack(ids, words === null ? 'sent' : 'failed', words);
    } catch (error) {
      const why = error instanceof AppError ? error.message : 'Slack does not answer.';
      await store.notices.endSlack(ids, 'failed', why);
    }
    return undefined;
  }
}
