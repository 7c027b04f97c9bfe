import { planEdits } from '#activities/tools/edit/plan-edit.ts';

const before = Buffer.from('const a = 1;\nconst b = 2;\nconst c = 3;\n');
const plan = (...edits: [string, string][]) =>
  planEdits(
    'file.js',
    before,
    edits.map(([old_text, new_text]) => ({ old_text, new_text })),
  );

test('several edits are made in order, each on the text that the one before left', async () => {
  const { bytes, headline, snippet } = await plan(['a = 1', 'a = 10'], ['a = 10', 'a = 100'], ['const c = 3;\n', '']);
  expect(bytes.toString()).toBe('const a = 100;\nconst b = 2;\n');
  expect(headline).toBe('Edited file.js with 3 edits; each is shown as it left the file.');
  expect(snippet.match(/^Edit \d/gm)).toEqual(['Edit 1', 'Edit 2', 'Edit 3']);
});

test('one edit that does not fit keeps all of them from being made, and is named', async () => {
  await expect(plan(['a = 1', 'a = 10'], ['nowhere', 'x'])).rejects.toThrow(
    /^Edit 2 of 2 does not fit, so none was made/,
  );
});

test('the syntax is checked after the last edit', async () => {
  const { bytes } = await plan(['const a = 1;', 'if (true) {'], ['const c = 3;', '}']);
  expect(bytes.toString()).toBe('if (true) {\nconst b = 2;\n}\n');
  await expect(plan(['const a = 1;', 'if (true) {'], ['b = 2', 'b = 3'])).rejects.toThrow(
    /after these 2 edits file\.js would no longer parse/,
  );
});
