import { ago, clock, compact, duration, exactTime, limitWithLast, money } from '../../web/app/lib/format.ts';
import { statusOf } from '../../web/app/lib/status.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { taskColumns, ticketColumns } from '#workflows/domain/tasks/columns.ts';
import { runStates } from '#workflows/contracts/progress.ts';

test('money is never rounded to nothing', () => {
  expect([0, 12, 82_400, 999_999, 12_400_000, 1_234_567_890].map(money)).toEqual([
    '$0.00',
    '<$0.0001',
    '$0.0824',
    '$1.0000',
    '$12.40',
    '$1,234.57',
  ]);
});

test('durations and counts stay short', () => {
  expect([640, 12_340, 65_000, 3_840_000, 180_000_000].map(duration)).toEqual([
    '640 ms',
    '12 s',
    '1m 05s',
    '1h 04m',
    '2d 2h',
  ]);
  expect([950, 12_400, 99_960, 150_000, 999_900, 1_230_000].map(compact)).toEqual([
    '950',
    '12.4k',
    '100k',
    '150k',
    '1.0M',
    '1.2M',
  ]);
});

test('times are relative for a week', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(
    [
      '2026-11-21T11:59:58Z',
      '2026-11-21T11:59:20Z',
      '2026-11-21T10:00:00Z',
      '2026-11-20T11:00:00Z',
      '2026-11-01T00:00:00Z',
    ].map((at) => ago(at, now)),
  ).toEqual(['now', '40 s ago', '2 h ago', '1 day ago', '1 Nov 2026']);
});

test('times are told in the zone of the reader', () => {
  const late = '2026-11-01T23:30:05Z';
  expect([clock(late, 'UTC'), clock(late, 'Europe/Paris')]).toEqual(['23:30:05', '00:30:05']);
  expect(exactTime(late, 'UTC')).toBe('1 Nov 2026, 23:30:05 UTC');
  expect(exactTime(late, 'Europe/Paris')).toMatch(/^2 Nov 2026, 00:30:05 (CET|GMT\+1)$/);
  expect(ago(late, Date.parse('2026-11-21T12:00:00Z'), 'Europe/Paris')).toBe('2 Nov 2026');
});

test('every state has a word of its own and a place on the board', () => {
  for (const status of [...statusesOf('task'), ...statusesOf('ticket'), ...runStates])
    expect([status, statusOf(status).label]).not.toEqual([status, status]);
  expect(taskColumns.flatMap((column) => column.statuses).sort()).toEqual(statusesOf('task').sort());
  expect(ticketColumns.flatMap((column) => column.statuses).sort()).toEqual(statusesOf('ticket').sort());
});

test('a turn after the limit is shown as the last one, not as too many', () => {
  expect([1, 2, 3].map((turn) => `${turn} / ${limitWithLast(turn, 2)}`)).toEqual(['1 / 2', '2 / 2', '3 / 2 + 1']);
});
