import { recentTurns } from '#activities/watch/recent-turns.ts';

const turn = (number: number, name: string, result: string, input = '{"path":"src/app.js"}', is_error = false) => ({
  turn: number,
  stop_reason: 'tool_use',
  calls: [{ name, input, result, is_error }],
});
const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`).join('\n');

test('the judge reads the calls since its last judgement whole, and a line of each before', () => {
  const input = JSON.stringify({ command: `npm test ${'x'.repeat(400)}` });
  const [judged = '', fresh = ''] = recentTurns(
    [turn(3, 'bash', lines(9), input), turn(4, 'bash', lines(9), input)],
    3,
  );
  expect(judged.split('\n')).toHaveLength(1);
  expect(judged.length).toBeLessThan(400);
  expect(fresh).toBe(`turn 4: bash ${input} -> ${lines(9)}`);
});

test('of a file that was read only its name counts, of an error all', () => {
  const text = recentTurns([
    turn(1, 'read_file', lines(50)),
    turn(2, 'read_file', 'There is no src/app.js.\nNear: src/App.js', undefined, true),
  ]).join('\n');
  expect(text).toContain('read_file {"path":"src/app.js"} -> line 0\nturn 2');
  expect(text).toContain('error: There is no src/app.js.\nNear: src/App.js');
});

test('of a long result the end remains, where failures are', () => {
  const [text = ''] = recentTurns([turn(1, 'bash', lines(500))]);
  expect(text.length).toBeLessThan(700);
  expect(text).toContain('line 499');
});
