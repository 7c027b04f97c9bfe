import { keyFilesOf } from '#workflows/domain/explore/key-files.ts';
import { suggestQuestions } from '#workflows/domain/explore/suggestions.ts';

const shop = [
  'AGENTS.md',
  'README.md',
  'docs/architecture.md',
  'node_modules/x/index.js',
  'package.json',
  'src/cart/items.js',
  'src/cart/total.js',
  'src/mail/send.js',
  'src/mail/templates.js',
  'src/mail/queue.js',
  'src/server.js',
  'test/items.test.js',
];

test('key files are those that explain the code, the nearest to the top first', () => {
  expect(keyFilesOf(shop).map(({ path }) => path)).toEqual([
    'README.md',
    'AGENTS.md',
    'docs/architecture.md',
    'package.json',
    'src/server.js',
  ]);
  expect(keyFilesOf(['a/b/README.md', 'x/README', 'README.rst']).map(({ path }) => path)).toEqual([
    'README.rst',
    'x/README',
  ]);
});

test('suggestions name files and folders of the repository', () => {
  const questions = suggestQuestions(shop, ['test', 'seed']);
  expect(questions).toEqual([
    'What happens when src/server.js starts, step by step?',
    'How does src/mail/ work (3 files), and what uses it?',
    'How do src/mail/ and src/cart/ depend on each other?',
    'What does src/cart/total.js do, and does any test cover it?',
    'What does the script "seed" do, and which files does it touch?',
    'How are the tests set up, for example test/items.test.js, and how do I add one?',
  ]);
});

test('a repository without code has no suggestions, and one with a single file asks about it', () => {
  expect(suggestQuestions(['README.md'])).toEqual([]);
  expect(suggestQuestions(['tool.py', 'README.md'])).toEqual(['What does tool.py do?']);
});
