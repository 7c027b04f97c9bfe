import { fewestEdges, specEdges } from '../../web/app/lib/task-links.ts';

const task = (id: string, ticket_id: string, depends_on: string[] = [], parent_task_id: string | null = null) => ({
  id,
  ticket_id,
  depends_on,
  discovery_id: parent_task_id && 'd',
  parent_task_id,
});
const words = (edges: ReturnType<typeof specEdges>) =>
  edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`).sort();

test('a ticket that waits for another comes after its last tasks, unless the tasks say so themselves', () => {
  const tasks = [
    task('a', 'T1'),
    task('b', 'T1', ['a']),
    task('c', 'T1'),
    task('d', 'T2', ['b']),
    task('e', 'T2', ['d']),
  ];
  // b before d is said already; c is not waited for by any task of T2, but T2 waits for all of T1.
  expect(
    words(
      specEdges(tasks, [
        { id: 'T1', blocked_by: [] },
        { id: 'T2', blocked_by: ['T1'] },
      ]),
    ),
  ).toEqual(['a after b', 'b after d', 'c after d', 'd after e']);
});

test('what follows from other lines is not drawn', () => {
  const after = (from: string, to: string) => ({ from, to, kind: 'after' as const });
  expect(
    words(
      fewestEdges([
        after('a', 'b'),
        after('b', 'c'),
        after('a', 'c'),
        after('a', 'b'),
        { from: 'a', to: 'c', kind: 'found' },
      ]),
    ),
  ).toEqual(['a after b', 'a found c', 'b after c']);
  // On a circle nothing is lost but what it repeats.
  expect(fewestEdges([after('a', 'b'), after('b', 'a')])).toHaveLength(2);
});

test('what was found on the way hangs on the task it was found in', () => {
  expect(words(specEdges([task('a', 'T1'), task('f', 'T1', [], 'a')], []))).toEqual(['a found f']);
});
