import {
  checkMove,
  mayMove,
  nextStatuses,
  statusesOf,
  transitions,
  type StatusKind,
} from '#workflows/domain/transitions.ts';

const kinds = Object.keys(transitions) as StatusKind[];

/** The statuses that can follow one, in any number of moves. */
function reachable(kind: StatusKind, from: string): Set<string> {
  const found = new Set([from]);
  for (const status of found) for (const next of nextStatuses(kind, status)) found.add(next);
  return found;
}

describe.each(kinds)('the statuses of a %s', (kind) => {
  const statuses = statusesOf(kind);
  const ends = statuses.filter((status) => nextStatuses(kind, status).length === 0);

  test('can all be reached from the first one', () => {
    expect([...reachable(kind, statuses[0] ?? '')].sort()).toEqual([...statuses].sort());
  });

  test.each(statuses)('%s has a way to an end', (status) => {
    expect(ends.some((end) => reachable(kind, status).has(end))).toBe(true);
  });

  test('every move between two of them is allowed or refused with the moves that are', () => {
    for (const from of statuses)
      for (const to of statuses) {
        const allowed = from === to || nextStatuses(kind, from).includes(to);
        expect([from, to, mayMove(kind, from, to)]).toEqual([from, to, allowed]);
        if (allowed) checkMove(kind, from, to);
        else
          expect(() => checkMove(kind, from, to)).toThrow(
            ends.includes(from) ? 'it has ended' : `it may become ${nextStatuses(kind, from).join(', ')}`,
          );
      }
  });
});

test('a word that is not a status leads nowhere', () => {
  expect(mayMove('task', 'flying', 'pending')).toBe(false);
});
