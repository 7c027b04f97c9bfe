import { nextClaims, type Claim } from '#workflows/domain/tasks/share-slots.ts';

const claim = (task_id: string, project_id: string, over: Partial<Claim> = {}): Claim => ({
  task_id,
  project_id,
  held: false,
  score: 0.5,
  requested_at: '2026-01-01T00:00:00.000Z',
  ...over,
});
const ids = (claims: Claim[]) => claims.map(({ task_id: id }) => id);

test('[BILL-18] an organization gives its free slots to the most urgent tasks, of equals to the project that holds fewest, then to the oldest', () => {
  const held = claim('held', 'a', { held: true });
  expect(nextClaims([held, claim('more', 'b')], 1)).toEqual([]);
  expect(nextClaims([held, { ...held, task_id: 'lowered' }, claim('more', 'b')], 1)).toEqual([]);
  expect(ids(nextClaims([held, claim('low', 'b'), claim('high', 'a', { score: 0.6 })], 2))).toEqual(['high']);
  expect(ids(nextClaims([held, claim('first', 'a'), claim('second', 'b')], 2))).toEqual(['second']);
  expect(
    ids(nextClaims([claim('late', 'a', { requested_at: '2026-01-02T00:00:00.000Z' }), claim('early', 'b')], 1)),
  ).toEqual(['early']);
  expect(
    ids(
      nextClaims(
        ['1', '2', '3'].flatMap((n) => [claim(`a${n}`, 'a'), ...(n === '1' ? [claim('b1', 'b')] : [])]),
        3,
      ),
    ),
  ).toEqual(['a1', 'b1', 'a2']);
});
