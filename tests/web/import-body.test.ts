import { importBody } from '../../web/app/lib/import-body.ts';

test('one JSON file of an export is sent as its spec and phases', () => {
  const text = JSON.stringify({ spec: { title: 'T', description: 'D', id: '1' }, phases: { prd: {} }, version: 3 });
  expect(importBody([{ path: 'spec.json', text }])).toEqual({
    spec: { title: 'T', description: 'D' },
    phases: { prd: {} },
  });
});

test('a folder of files is sent relative to its SPEC_SUMMARY.md, without what is beside it', () => {
  const of = (...paths: string[]) => paths.map((path) => ({ path, text: path }));
  expect(importBody(of('a/SPEC_SUMMARY.md', 'a/prd/prd.md', 'a/.DS_Store', 'other.md'))).toEqual({
    files: [
      { path: 'SPEC_SUMMARY.md', content: 'a/SPEC_SUMMARY.md' },
      { path: 'prd/prd.md', content: 'a/prd/prd.md' },
    ],
  });
});

test.each([
  ['x.json', '{', /^x\.json is not JSON/],
  ['x.json', '{"phases":{}}', /^x\.json has no spec with a title/],
  ['notes.md', '# Notes', /^SPEC_SUMMARY\.md is missing/],
])('%s with %s is refused with what is wrong', (path, text, problem) => {
  expect(importBody([{ path, text }])).toEqual({ problem: expect.stringMatching(problem) });
});
