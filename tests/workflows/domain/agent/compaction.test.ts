import {
  clearOldResults,
  newEpoch,
  withoutImages,
  withoutThinking,
  type TranscriptRow,
} from '#workflows/domain/agent/compaction.ts';

const row = (turn: number, role: 'user' | 'assistant', ...content: object[]): TranscriptRow => ({
  turn,
  role,
  content: JSON.stringify(content),
});
const thinking = { type: 'thinking', thinking: '', signature: 'c2lnbmVk' };
const redacted = { type: 'redacted_thinking', data: 'x' };
const use = (id: string) => ({ type: 'tool_use', id, name: 'bash', input: { command: 'ls' } });
const result = (id: string, content: string) => ({ type: 'tool_result', tool_use_id: id, content });

const rows: TranscriptRow[] = [
  row(1, 'user', { type: 'text', text: 'Do it.' }),
  row(1, 'assistant', thinking, { type: 'text', text: 'I look.' }, use('a')),
  row(2, 'user', result('a', 'x'.repeat(4000))),
  row(2, 'assistant', redacted, thinking, use('b')),
  row(3, 'user', result('b', 'y'.repeat(400))),
  row(3, 'assistant', thinking),
];
const typesIn = (list: TranscriptRow[]) =>
  list.flatMap((one) => (JSON.parse(one.content) as { type: string }[]).map(({ type }) => type));

test('without its thinking a conversation keeps everything else, byte for byte', () => {
  const next = withoutThinking(rows);
  expect(typesIn(next)).toEqual(['text', 'text', 'tool_use', 'tool_result', 'tool_use', 'tool_result']);
  expect(next[0]).toBe(rows[0]);
  expect(next[2]).toBe(rows[2]);
});

test('without images a result keeps its text, and no thinking is left that was bound to them', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
  const shown = [{ type: 'text', text: 'a.png: 1 x 1 pixels' }, image];
  const next = withoutImages([...rows, row(4, 'user', { ...result('c', ''), content: shown }, image)]);
  expect(JSON.stringify(next)).not.toContain('"image"');
  expect(next.at(-1)?.content).toMatch(/a\.png: 1 x 1 pixels.*The image could not be shown.*The image could not/);
  expect(typesIn(next)).not.toContain('thinking');
});

test('no thinking is left in a conversation whose old results were cleared', () => {
  const lighter = clearOldResults(rows, { keep_result_tokens: 200, clear_at_least_tokens: 500 });
  expect(lighter?.rows[2]?.content).toContain('was cleared to make room');
  expect(typesIn(lighter?.rows ?? [])).not.toContain('thinking');
  expect(typesIn(lighter?.rows ?? [])).not.toContain('redacted_thinking');
});

test.each([0, 1, 5])('no thinking is left in the %s turns that a new epoch keeps', (tail) => {
  const next = newEpoch(rows, 'State.', tail);
  expect(next[0]).toBe(rows[0]);
  expect(typesIn(next).filter((type) => /thinking/.test(type))).toEqual([]);
});
