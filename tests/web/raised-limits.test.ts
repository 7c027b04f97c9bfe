import { nightActor } from '#workflows/domain/billing/night.ts';
import { raisesByTurn, raisesIn } from '../../web/app/lib/raised-limits.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 2, minute)).toISOString();
const limits = { max_turns: 20, max_seconds: 3600, max_usd: 0.7 };

test('[BILL-17] a raise says by whom, the night policy also by how much; it stands after the turn that it followed', () => {
  const raises = raisesIn([
    { seq: 1, at: at(1), data: { ...limits, by: 'ada@example.test' } },
    { seq: 2, at: at(7), data: { ...limits, by: nightActor, night: '2026-01-01', raised_micros: 400_000 } },
    { seq: 3, at: at(8), data: { ...limits, by: 'ada@example.test' } },
  ]);
  expect(raises[0]).toEqual({ seq: 1, at: at(1), by: 'ada@example.test', turns: 20, seconds: 3600, micros: 700_000 });
  expect(raises[1]).toMatchObject({ added_micros: 400_000 });
  const turns = [2, 5, 9].map((minute, index) => ({ turn: index + 1, started_at: at(minute) }));
  const shown = [...raisesByTurn(turns, raises)].map(([turn, own]) => [turn, own.map(({ seq }) => seq)]);
  expect(shown).toEqual([
    [0, [1]],
    [2, [2, 3]],
  ]);
});
