import { lastSettled, withDelta, type Draft } from '../../web/app/lib/run-turns.ts';
import { commandOutput, type Turn } from '../../web/app/lib/tool-calls.ts';

const turn = (number: number, ...statuses: string[]) =>
  ({ turn: number, tool_calls: statuses.map((status) => ({ status })) }) as unknown as Turn;

describe('where reading a run continues', () => {
  test('begins before the newest two turns, since their files may still come', () => {
    expect(lastSettled([])).toBe(0);
    expect(lastSettled([turn(1, 'done')])).toBe(0);
    expect(lastSettled([turn(1, 'done'), turn(2, 'done'), turn(3, 'done')])).toBe(1);
  });
  test('goes back to a call that was still open when the connection was lost', () => {
    expect(lastSettled([turn(4, 'done'), turn(5, 'done', 'running'), turn(6, 'done'), turn(7, 'done')])).toBe(4);
  });
});

test("the line of facts above a command's output is separate from the output", () => {
  expect(commandOutput('exit 1 · 12.3 s · cwd api/\nfirst\nsecond')).toEqual({ cwd: 'api/', output: 'first\nsecond' });
  expect(commandOutput('plain')).toEqual({ cwd: null, output: 'plain' });
});

test('the words of a broken answer go when another try or another model begins it anew', () => {
  const piece = (turn: number, of: number, text: string, model = 'a') => ({ run_id: 'r', turn, try: of, model, text });
  let draft: Draft | undefined;
  const texts = [
    piece(1, 1, 'late'),
    piece(2, 2, 'bro'),
    piece(2, 2, 'ken'),
    piece(2, 3, 'whole '),
    piece(2, 2, ' late'),
    piece(2, 3, 'answer'),
    piece(2, 3, 'other', 'b'),
    piece(3, 4, 'next'),
  ].map((delta) => (draft = withDelta(draft, delta, 1))?.text);
  expect(texts).toEqual([undefined, 'bro', 'broken', 'whole ', 'whole ', 'whole answer', 'other', 'next']);
});
