import type { Notification } from '#prisma/store/notices.ts';
import { severities } from '#workflows/domain/notifications/kinds.ts';

/** Most notices whose words are in one message; the others are counted. */
const mostLines = 30;

const rank = (row: Notification) => severities.findIndex((severity) => severity === row.severity);

/** Several notices as one message, the most urgent first. */
export function messageOf(
  rows: Notification[],
  { organization, link }: { organization: string; link: (path: string) => string },
): { subject: string; text: string } {
  const sorted = rows.toSorted((a, b) => rank(a) - rank(b) || a.created_at.getTime() - b.created_at.getTime());
  const line = ({ subject, text }: Notification) => (subject ? `${subject}: ${text}` : text);
  const [first] = sorted;
  const urgent = first?.severity === 'critical' ? 'Urgent: ' : '';
  const subject =
    first && sorted.length === 1
      ? `${urgent}${line(first).slice(0, 120)}`
      : `${urgent}${sorted.length} things happened in ${organization}`;
  const lines = sorted.slice(0, mostLines).map((row) => `${line(row)}\n${link(row.link)}`);
  const more = sorted.length > mostLines ? [`and ${sorted.length - mostLines} more: ${link('/inbox')}`] : [];
  const foot = `How you are told is set here: ${link('/settings/notifications')}`;
  return { subject, text: [...lines, ...more, foot].join('\n\n') };
}
