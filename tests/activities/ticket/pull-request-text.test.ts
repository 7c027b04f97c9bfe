import fc from 'fast-check';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { pullRequestText, type PullFacts } from '#activities/ticket/pull-request-text.ts';
import { inertText } from '#workflows/domain/inert-text.ts';
import { foldDetails } from '../../../web/app/lib/fold-details.ts';

const html = (text: string) =>
  renderToStaticMarkup(createElement(Markdown, { remarkPlugins: [remarkGfm, foldDetails], skipHtml: true }, text));
/** The words that a reader sees. */
const seen = (text: string) =>
  html(text)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('\u200B', '')
    .replaceAll(
      /&(lt|gt|amp|quot|#x27);/g,
      (_, name: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"' })[name] ?? "'",
    )
    .replaceAll(/\s+/g, ' ')
    .trim();

type Task = PullFacts['tasks'][number];
const task = (n: number, over: Partial<Task> = {}): Task => ({
  ...{ key: `TASK-${n}`, local_id: null, title: `Do the ${n}th part`, status: 'completed', discovery_id: null },
  ...{ requirements: ['REQ-EXPORT-001'], base_sha: '0'.repeat(40), head_sha: 'abc'.repeat(13) + 'd' },
  result: { evidence: [{ criterion: 'c', command: 'npm test', exit_code: 0 }] } as unknown as Task['result'],
  ...over,
});
const requirement = (n: number, met = 2) => ({
  key: `REQ-EXPORT-${String(n).padStart(3, '0')}`,
  title: `The export has column ${n}`,
  criteria: [0, 1].map((at) => ({ completed: at < met, evidence: null })),
});
const facts = (over: Partial<PullFacts> = {}): PullFacts => ({
  ...{
    words: ['All tasks as a file.'],
    links: [],
    tasks: [task(1)],
    scripted: false,
    page: 'http://localhost:3000/specs/1',
  },
  plan: { requirements: [requirement(1)], questions: [] },
  checks: [{ name: 'npm test', passed: true, exit_code: 0, sha: 'f'.repeat(40) }],
  ...over,
});
const many = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

test('[GIT-12] a small pull request shows all of its description at once', () => {
  expect(pullRequestText(facts())).toBe(
    [
      'All tasks as a file.',
      '## Checks',
      `- [x] \`npm test\` passes in a clean checkout of ffffffffffff`,
      '## Requirements',
      '| requirement | what | tasks | commits | criteria met |\n| --- | --- | --- | --- | --- |\n| REQ-EXPORT-001 | The export has column 1 | TASK-1 | abcabcabcabc | 2/2 |',
      '## Work',
      '| task | what | requirements | commit | shown by |\n| --- | --- | --- | --- | --- |\n| TASK-1 | Do the 1th part | REQ-EXPORT-001 | abcabcabcabc | `npm test` |',
    ].join('\n\n'),
  );
});

test('[GIT-12] of 60 requirements and 120 tasks, a reviewer sees first what is missing; the tables are folded and whole', () => {
  const text = pullRequestText(
    facts({
      tasks: many(120).map((n) =>
        task(n, {
          requirements: [requirement(Math.ceil(n / 2)).key],
          status: n === 7 ? 'failed' : n === 9 ? 'cancelled' : 'completed',
        }),
      ),
      plan: { requirements: many(60).map((n) => requirement(n, n === 4 ? 1 : 2)), questions: [] },
    }),
  );
  const [open = '', ...folds] = text.split('<details>');
  expect(open).toContain('## Not complete yet\n\n- TASK-7: Do the 7th part (failed)');
  expect(open).toContain('119 of 120 criteria are met. Not met: REQ-EXPORT-004 (1/2).');
  expect(open.indexOf('## Checks')).toBeLessThan(open.indexOf('## Requirements'));
  expect(open.length).toBeLessThan(1000);
  expect(folds.map((fold) => /<summary>(.*)<\/summary>/.exec(fold)?.[1])).toEqual(['60 requirements', '118 tasks']);
  expect(text.length).toBeLessThan(40_000);
  // Each task is there with its requirement, and each requirement with its tasks.
  for (const n of many(60)) expect(text).toContain(`| ${requirement(n).key} | The export has column ${n} | `);
  for (const n of many(120)) if (n !== 7 && n !== 9) expect(text).toContain(`\n| TASK-${n} | `);
  expect(text).toContain('TASK-9 was cancelled');
  expect(text).not.toContain('more line');
  expect(html(text).match(/<(details|summary|table)>/g)).toHaveLength(6);
});

test.each<[string, string, string]>([
  ['a mention', 'Ask @octocat', 'Ask @\u200Boctocat'],
  ['a closing keyword', 'Fixes #12', 'Fixes #\u200B12'],
  ['another way to name an issue', 'closes gh-12 and acme/app#3', 'closes gh-\u200B12 and acme/app#\u200B3'],
  ['the address of an issue', 'fixes https://github.com/a/b/issues/1', 'fixes https:\u200B//github.com/a/b/issues/1'],
  ['an image', '![x](http://x.test/y.png)', String.raw`!\[x\](http:${'\u200B'}//x.test/y.png)`],
  ['markup', '<img src=x> & <!-- -->', String.raw`\<img src=x\> \& \<!-- --\>`],
  ['emphasis', '*a* _b_ `c` ~~d~~ snake_case', String.raw`\*a\* \_b\_ \`c\` \~\~d\~\~ snake_case`],
  ['a cell of a table', 'a | b', String.raw`a \| b`],
  ['a heading', '# Big\n\n---', String.raw`\# Big ---`],
  ['a list', '1. one', String.raw`1\. one`],
  ['characters that are not seen', 'a\u202Eb\u0007c', 'a b c'],
  ['a long text', `${'x'.repeat(48)}\u{1F600}${'y'.repeat(9)}`, `${'x'.repeat(48)}…`],
])('[GIT-06] text of others does not act in a description: %s', (_, text, inert) => {
  expect(inertText(text, 50)).toBe(inert);
});

const odd = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '@',
        '#',
        '1',
        '|',
        '`',
        '<!-- /omoios -->',
        '<details>',
        '</details>',
        '](',
        '[',
        '\\',
        '\n',
        'GH-',
        '://',
        'www.',
      ),
      fc.constantFrom(
        'fixes ',
        'http',
        'a',
        '*',
        '_',
        '~~',
        '- ',
        '+',
        '=',
        '$',
        '&amp;',
        '\u200B',
        '\u{1F600}',
        '.',
        ' ',
        '!',
        ':',
        '```',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

test('[GIT-06] whatever a title says, a reader sees it as it is, and it is no link, image or reference', () => {
  fc.assert(
    fc.property(odd, (title) => {
      const inert = inertText(title, 1000);
      const plain = title
        .replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069\uFEFF]/gu, ' ')
        .replaceAll('\u200B', '')
        .replaceAll(/\s+/g, ' ')
        .trim();
      expect(seen(`- Task: ${inert} (done)`)).toBe(`Task: ${plain} (done)`.replaceAll(/\s+/g, ' '));
      for (const text of [inert, `| a | b |\n| --- | --- |\n| ${inert} | c |`]) {
        expect(html(text)).not.toMatch(/<(?!\/?(?:p|table|thead|tbody|tr|th|td)\b)/);
        expect(html(text).match(/<td>/g)?.length ?? 2).toBe(2);
      }
      expect(inert).not.toMatch(/@\w|#\d|gh-\d|:\/\/|www\./i);
    }),
    { numRuns: 400 },
  );
});

test('[GIT-12] whatever the work is like, the description fits, its folds end, and its one closing line is ours', () => {
  const long = fc.oneof(odd, fc.constant('@a #1 | `'.repeat(4000)), fc.constant('y'.repeat(30_000)));
  const someTask = fc.record({
    ...{ title: long, key: odd, local_id: fc.option(odd), head_sha: fc.constantFrom(null, 'a'.repeat(40)) },
    status: fc.constantFrom<Task['status']>('completed', 'failed', 'cancelled', 'pending'),
    requirements: fc.array(fc.constantFrom('REQ-1', 'REQ-2', '|#1@x'), { maxLength: 20 }),
    discovery_id: fc.constantFrom(null, 'd'),
    result: fc
      .array(long, { maxLength: 5 })
      .map((commands) => ({ evidence: commands.map((command) => ({ command })) }) as unknown as Task['result']),
  });
  const times = fc.constantFrom(1, 3, 40);
  const repeated = <T>(items: fc.Arbitrary<T>) =>
    fc.tuple(fc.array(items, { maxLength: 4 }), times).map(([all, n]) => many(n).flatMap(() => all));
  const some = fc.record({
    ...{ words: repeated(long), tasks: repeated(someTask.map((over) => task(1, over))) },
    plan: fc.record({
      requirements: repeated(fc.record({ key: long, title: long }).map((over) => ({ ...requirement(1, 1), ...over }))),
      questions: repeated(
        fc.record({
          question: long,
          assumption: long,
          answer: fc.constantFrom(null, { by: '@x', answer: 'Fixes #2' }),
        }),
      ).map((all) => all as unknown as NonNullable<PullFacts['plan']>['questions']),
    }),
    checks: repeated(
      fc.record({ name: long, note: long.map((text) => text.replaceAll(' ', '\n')) }).map(({ name, note }) => ({
        ...{ name, note, passed: true, exit_code: 0, sha: 'f'.repeat(40) },
      })),
    ),
    ...{ scripted: fc.boolean(), links: fc.constant<string[]>(['Closes #1']) },
  });
  fc.assert(
    fc.property(some, (over) => {
      const text = pullRequestText(facts(over));
      expect(text.length).toBeLessThanOrEqual(60_000);
      expect(text.match(/^<details>$/gm)?.length).toBe(text.match(/^<\/details>$/gm)?.length);
      const outside = html(text).replaceAll(/<code>.*?<\/code>/gs, '');
      expect(outside.match(/#\d/g)).toEqual(['#1']);
      expect(outside).not.toMatch(/@\w|<img/);
      expect(new Set(outside.match(/<a [^>]*>/g))).toEqual(
        new Set(text.includes(' more line') ? [`<a href="${facts().page}">`] : []),
      );
      expect(text).toContain('\n## Checks\n');
    }),
    { numRuns: 12 },
  );
});
