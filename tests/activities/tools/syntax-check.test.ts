import { newSyntaxProblem, syntaxProblem } from '#activities/tools/support/syntax-check.ts';

test.each<[string, string]>([
  ['a.json', '{"a": [1, 2]}'],
  ['tsconfig.json', '{\n  // comment\n  "a": 1,\n}'],
  ['.vscode/settings.json', '{"a": 1,}'],
  ['a.yaml', 'a: 1\n---\nb: [1, 2]\n'],
  ['a.yml', 'on: !secret x\n'],
  ['a.ts', 'import type { A } from "./missing.ts";\nexport const a = <T,>(x: T): A => x as never;\n'],
  ['a.d.ts', 'export declare const a: number;\n'],
  ['a.mts', 'const x = await import("x");\nexport { x };\n'],
  ['a.cts', 'export = 1;\n'],
  ['a.tsx', 'export const A = () => <><b>{1}</b></>;\n'],
  ['a.jsx', 'export const A = () => <b>x</b>;\n'],
  ['a.js', 'export const A = () => <b>x</b>;\n'],
  ['a.mjs', '#!/usr/bin/env node\nexport default 1;\n'],
  ['a.cjs', 'module.exports = 1;\n'],
  ['a.ts', '@deco class A { #x = 1; accessor y = 2; }\n'],
  ['a.py', 'def f(:\n'],
  ['Makefile', 'a:\n  b\n'],
  ['constructor', '{'],
])('%s is fine: %j', async (path, text) => {
  expect(await syntaxProblem(path, text)).toBeUndefined();
});

test.each<[string, string, number | undefined]>([
  ['a.json', '{\n"a": 1\n"b": 2}', 3],
  ['a.json', '{"a": x}', undefined],
  ['tsconfig.json', '{\n"a": 1\n"b": 2}', 3],
  ['a.yaml', 'a: 1\nb: [1, 2\nc: 3\n', 3],
  ['a.yaml', 'a: 1\na: 2\n', 2],
  ['a.yml', 'a: b\n\tc: d\n', 2],
  ['a.ts', 'const a = 1;\nfunction f( {\n', 3],
  ['a.tsx', 'const a = <b>\n<c></b>;\n', 2],
  ['a.jsx', 'const a = <b>;\n', 1],
  ['a.js', 'const a = 1;\nconst b: number = 2;\n', 2],
  ['a.mjs', 'if (1) {\n', 2],
])('%s is broken: %j', async (path, text, line) => {
  const problem = await syntaxProblem(path, text);
  expect(problem?.message).toBeTruthy();
  expect(problem?.line).toBe(line);
});

test.each([
  ['a.json', '[]'],
  ['tsconfig.json', '[]'],
  ['a.yaml', '[]'],
  ['a.ts', '()'],
  ['a.tsx', '<>'],
])('%s with 20,000 levels of %s does not stop the worker', async (path, [open = '', close = '']) => {
  const text = open === '<' ? '<a>'.repeat(20_000) : open.repeat(20_000) + close.repeat(20_000);
  expect(await syntaxProblem(path, text)).toBeUndefined();
});

test('only what a change breaks is its problem', async () => {
  expect(await newSyntaxProblem('a.json', '{}', '{')).toBeDefined();
  expect(await newSyntaxProblem('a.json', '[', '{')).toBeUndefined();
  expect(await newSyntaxProblem('a.json', '[', '{}')).toBeUndefined();
});
