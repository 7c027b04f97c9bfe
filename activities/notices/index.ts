import { AppError } from '#workflows/domain/errors.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { dueAt } from '#workflows/domain/notifications/due.ts';
import type { Digest, Severity } from '#workflows/domain/notifications/kinds.ts';
import type { Notification, SentBy } from '#prisma/store/notices.ts';
import { pageLink } from '../ports/page-link.ts';
import type { Services } from '../ports/services.ts';
import { deterministicId } from '../support/ids.ts';
import { morningReport } from '../ports/morning-report.ts';
import { messageOf } from './message.ts';
import { reportText } from './report-text.ts';
import { postToSlack, slackAddress } from '../ports/slack.ts';
import { slackMessage } from './slack-message.ts';

/** Most notices of a person in one message; the next one has the others. */
const mostAtOnce = 1000;

interface Told {
  user_id: string;
  email: string;
  /** Those that are due. */
  rows: Notification[];
  /** Days that the person gathers for one message; undefined: they are told as it happens, or may not read the report. */
  days?: number | undefined;
}

/** Days for which a digest gathers. */
const gatheredDays: Partial<Record<Digest, number>> = { daily: 1, weekly: 7 };

interface Where {
  organization_id: string;
}
interface Next {
  /** When the next one is due; null: none waits. */
  next_at: string | null;
}

const idsOf = (rows: Notification[]) => rows.map(({ id }) => id);

/** Steps of `noticesWorkflow`. No history holds an address or a text. */
export function createNoticesActivities(services: Services) {
  const { store, workflows, mail: port, log } = services;

  /** A person who may still read what they are told; undefined for one who left, or lost the right. */
  async function readerOf(
    organizationId: string,
    userId: string,
  ): Promise<{ email: string; reports: boolean } | undefined> {
    const [user, all] = await Promise.all([store.identity.userById(userId), store.identity.grantsOf(userId)]);
    const grant = all.find(({ organization_id: id }) => id === organizationId);
    if (!user?.is_active || !grant || !grants(grant.permissions, 'project:read')) return undefined;
    return { email: user.email, reports: grants(grant.permissions, 'org:read') };
  }

  /**
   * Tells each person by a channel what is due. What is never due, or nobody may read any more, is left out for good.
   * @param tell returns when it has to be tried again, where it has to.
   */
  async function tellAll(
    { organization_id: organizationId }: Where,
    channel: SentBy,
    tell: (told: Told) => Promise<number | undefined>,
  ): Promise<Next> {
    const next: number[] = [];
    for (const userId of await store.notices.peopleWaiting(organizationId, channel)) {
      const [waiting, settings, reader] = await Promise.all([
        store.notices.waiting(organizationId, channel, { user_id: userId, limit: mostAtOnce }),
        store.notices.settings(userId),
        readerOf(organizationId, userId),
      ]);
      const now = Date.now();
      const times = waiting.map((row) => ({
        row,
        at: reader === undefined ? null : dueAt({ ...row, severity: row.severity as Severity }, settings),
      }));
      const never = times.flatMap(({ row, at }) => (at === null ? [row] : []));
      if (never.length > 0) await store.notices.skip(idsOf(never), channel);
      const later = times.flatMap(({ at }) => (at && at.getTime() > now ? [at.getTime()] : []));
      if (later.length > 0) next.push(Math.min(...later));
      const rows = times.flatMap(({ row, at }) => (at && at.getTime() <= now ? [row] : []));
      const days = reader?.reports ? gatheredDays[settings.digest] : undefined;
      const again =
        reader && rows.length > 0 ? await tell({ user_id: userId, email: reader.email, rows, days }) : undefined;
      // There may be more of them.
      const more = waiting.length === mostAtOnce && never.length + rows.length > 0 ? now : undefined;
      const soonest = again ?? more;
      if (soonest !== undefined) next.push(soonest);
    }
    return { next_at: next.length > 0 ? new Date(Math.min(...next)).toISOString() : null };
  }

  const link = (path: string) => pageLink(services, path);

  /** A gathered message begins with the report of its days. */
  async function withReport(
    { text }: { text: string },
    reader: { organization_id: string; user_id: string },
    { days, organization }: { days: number; organization: string },
  ) {
    const since = new Date(Date.now() - days * 86_400_000);
    const report = reportText(
      await morningReport(services, reader, since),
      link(`/report?since=${since.toISOString()}`),
    );
    const subject = `${days === 1 ? 'Morning report' : 'Report of the week'}: ${organization}`;
    return { subject, text: `${report}\n\nWhat happened:\n\n${text}` };
  }

  return {
    /**
     * Stores one mail for each person with all that is due, and starts to send it. Histories from before it said when the
     * next one is due have no result.
     */
    mailNotices: async (where: Where): Promise<Next | undefined> => {
      const { name } = await store.identity.organization(where.organization_id);
      return tellAll(where, 'mail', async ({ user_id, email, rows, days }) => {
        const ids = idsOf(rows);
        const id = deterministicId(`notices:${ids.join(',')}`);
        const message = messageOf(rows, { organization: name, link });
        await store.notices.mail(ids, {
          id,
          recipient: email,
          ...(days && rows.some(({ severity }) => severity !== 'critical')
            ? await withReport(message, { ...where, user_id }, { days, organization: name })
            : message),
          state: port.delivers ? 'waiting' : 'kept',
        });
        if (port.delivers)
          await workflows.startMail(id).catch((error: unknown) => {
            log.warn({ mail_id: id, error: String(error) }, 'a mail waits: its workflow could not be started');
          });
        return undefined;
      });
    },

    /** Sends to Slack what is due, and starts what waits for endpoints. What a process that died may have sent is not sent again. */
    sendNotices: async (where: Where): Promise<Next> => {
      for (const id of await store.alerts.waiting(where.organization_id))
        await workflows.startAlertDelivery(id).catch((error: unknown) => {
          log.warn({ delivery_id: id, error: String(error) }, 'an alert waits: its workflow could not be started');
        });
      await store.notices.giveUpSlack(
        where.organization_id,
        'The platform stopped while it sent this to Slack, so it may be there or not.',
      );
      const { name } = await store.identity.organization(where.organization_id);
      return tellAll(where, 'slack', async ({ user_id: userId, rows }) => {
        if (await store.notices.slackOf(userId)) return send(name, userId, rows);
        await store.notices.skip(idsOf(rows), 'slack');
        return undefined;
      });
    },
  };

  /** @returns when to try again, where Slack asks to wait. */
  async function send(organization: string, userId: string, rows: Notification[]): Promise<number | undefined> {
    const ids = await store.notices.beginSlack(idsOf(rows));
    const mine = rows.filter(({ id }) => ids.includes(id));
    if (mine.length === 0) return undefined;
    const items = services.config.notifications.slack_signing_secret
      ? await store.inbox.items(mine[0]?.organization_id ?? '')
      : [];
    const message = slackMessage(mine, items, { organization, link });
    // A text of a lost key opens no more, whatever is tried.
    const address = await slackAddress(services, userId).catch(() => undefined);
    if (!address) {
      const why = 'The stored address at Slack cannot be read. Connect Slack again in your settings.';
      await store.notices.endSlack(ids, 'failed', why);
      return undefined;
    }
    try {
      const answer = await postToSlack(services, address, message);
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
