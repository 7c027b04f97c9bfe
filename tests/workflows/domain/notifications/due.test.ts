import { dueAt } from '#workflows/domain/notifications/due.ts';
import { defaultSettings, digests, type NoticeSettings } from '#workflows/domain/notifications/kinds.ts';

const due = (created: string, settings: Partial<NoticeSettings> = {}, severity: 'normal' | 'critical' = 'normal') =>
  dueAt({ severity, created_at: new Date(created) }, { ...defaultSettings, ...settings })?.toISOString() ?? null;

describe('when a notice is sent', () => {
  test.each([
    ['by day at once', '2026-11-25T12:00:00Z', {}, '2026-11-25T12:00:00.000Z'],
    ['in the evening not before the morning', '2026-11-25T22:00:00Z', {}, '2026-11-26T08:00:00.000Z'],
    ['after midnight in the same morning', '2026-11-25T03:00:00Z', {}, '2026-11-25T08:00:00.000Z'],
    ['at the end of the quiet hours at once', '2026-11-25T08:00:00Z', {}, '2026-11-25T08:00:00.000Z'],
    ['in another zone by its clock', '2026-11-25T06:00:00Z', { time_zone: 'Asia/Tokyo' }, '2026-11-25T06:00:00.000Z'],
    [
      'in quiet hours within a day',
      '2026-11-25T13:00:00Z',
      { quiet_from: '12:30', quiet_until: '14:00' },
      '2026-11-25T14:00:00.000Z',
    ],
    [
      'where no hours are quiet',
      '2026-11-25T23:00:00Z',
      { quiet_from: '00:00', quiet_until: '00:00' },
      '2026-11-25T23:00:00.000Z',
    ],
    ['in a daily digest before nine', '2026-11-25T08:59:00Z', { digest: 'daily' }, '2026-11-25T09:00:00.000Z'],
    ['in a daily digest after nine', '2026-11-25T09:00:00Z', { digest: 'daily' }, '2026-11-26T09:00:00.000Z'],
    // 2026-11-25 is a Wednesday.
    ['in a weekly digest on Monday', '2026-11-25T10:00:00Z', { digest: 'weekly' }, '2026-11-30T09:00:00.000Z'],
    ['never, where nothing is wanted', '2026-11-25T10:00:00Z', { digest: 'never' }, null],
    // The clock goes back in this night: nine is nine of the new clock.
    [
      'across a change of the clocks',
      '2026-10-24T20:00:00Z',
      { digest: 'daily', time_zone: 'Europe/Berlin' },
      '2026-10-25T08:00:00.000Z',
    ],
  ] as const)('%s', (_name, created, settings, expected) => {
    expect(due(created, settings)).toBe(expected);
  });

  test('what is critical is sent at once, whatever is set', () => {
    for (const digest of digests)
      for (const hour of ['03', '12', '23'])
        expect(due(`2026-11-25T${hour}:00:00Z`, { digest }, 'critical')).toBe(`2026-11-25T${hour}:00:00.000Z`);
  });

  test('a notice is never due before it was made, nor later than its digest allows', () => {
    const latest = { instant: 1, daily: 1, weekly: 7, never: 0 };
    for (const digest of ['instant', 'daily', 'weekly'] as const)
      for (const time_zone of ['UTC', 'America/St_Johns', 'Pacific/Auckland', 'Europe/Berlin'])
        for (let hours = 0; hours < 24 * 14; hours += 1) {
          const created = new Date(Date.UTC(2026, 9, 20, hours, 17));
          const sent = Date.parse(due(created.toISOString(), { digest, time_zone }) ?? '');
          expect(sent).toBeGreaterThanOrEqual(created.getTime());
          // An hour more where the clocks go back.
          expect(sent - created.getTime()).toBeLessThanOrEqual((latest[digest] * 24 + 1) * 3_600_000);
        }
  });
});
