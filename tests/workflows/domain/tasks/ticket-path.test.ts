import { ticketPath } from '#workflows/domain/tasks/ticket-moves.ts';
import { nextStatuses, statusesOf } from '#workflows/domain/transitions.ts';

const expected: Record<string, { building: string[]; 'building-done': string[]; done: string[] }> = {
  // Only its approval ends the wait.
  pending_review: { building: [], 'building-done': [], done: [] },
  backlog: {
    building: ['building'],
    'building-done': ['building', 'building-done'],
    done: ['building', 'building-done', 'testing', 'done'],
  },
  analyzing: {
    building: ['building'],
    'building-done': ['building', 'building-done'],
    done: ['building', 'building-done', 'testing', 'done'],
  },
  building: { building: [], 'building-done': ['building-done'], done: ['building-done', 'testing', 'done'] },
  'building-done': { building: [], 'building-done': [], done: ['testing', 'done'] },
  testing: { building: [], 'building-done': [], done: ['done'] },
  deploying: { building: [], 'building-done': [], done: ['done'] },
  done: { building: [], 'building-done': [], done: [] },
  cancelled: { building: [], 'building-done': [], done: [] },
};

test.each(statusesOf('ticket'))('a ticket that is %s advances along the transition table alone', (from) => {
  for (const to of ['building', 'building-done', 'done'] as const) {
    const path = ticketPath(from, to);
    expect([to, path]).toEqual([to, expected[from]?.[to]]);
    path.forEach((status, i) => expect(nextStatuses('ticket', path[i - 1] ?? from)).toContain(status));
  }
});
