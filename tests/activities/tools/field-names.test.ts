import { renamed } from '#activities/tools/support/field-names.ts';
import { editFile } from '#activities/tools/edit-file.ts';
import { jsonSchemaOf } from '#activities/tools/support/json-schema.ts';
import { parseToolInput } from '#activities/tools/support/call-tool.ts';

const schema = jsonSchemaOf(editFile.schema);

test('names of other harnesses for the same field are accepted', () => {
  expect(renamed({ file_path: 'a.js', old_string: 'x', new_string: 'y' }, schema)).toEqual({
    path: 'a.js',
    old_text: 'x',
    new_text: 'y',
  });
  expect(renamed({ filename: 'a.js', edits: [{ old_str: 'x', new_str: 'y' }] }, schema)).toEqual({
    path: 'a.js',
    edits: [{ old_text: 'x', new_text: 'y' }],
  });
});

test('a field that is given twice, or that has no such meaning, stays and is refused', () => {
  const twice = { path: 'a.js', file_path: 'b.js', old_text: 'x', new_text: 'y' };
  expect(renamed(twice, schema)).toEqual(twice);
  expect(parseToolInput(editFile, twice).ok).toBe(false);
  expect(parseToolInput(editFile, { file: 'a.js', old_text: 'x', new_text: 'y' }).ok).toBe(false);
});

test('an edit needs old_text and new_text, or edits, and not both', () => {
  expect(parseToolInput(editFile, { path: 'a.js', old_text: 'x', new_text: 'y' }).ok).toBe(true);
  expect(parseToolInput(editFile, { path: 'a.js', edits: [{ old_text: 'x', new_text: 'y' }] }).ok).toBe(true);
  for (const input of [{ path: 'a.js' }, { path: 'a.js', old_text: 'x' }, { path: 'a.js', edits: [] }])
    expect(parseToolInput(editFile, input).ok).toBe(false);
});
