import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

const builtins = builtinModules.filter((name) => !name.startsWith('_')).flatMap((name) => [name, `node:${name}`]);

/** What a replay would not see again: a workflow asks an activity, or the SDK's own clock, timer and random numbers. */
const hostGlobals = [
  ['fetch', 'Call an activity.'],
  ['process', 'Pass what you need as input.'],
  ['setInterval', 'Use sleep or condition of @temporalio/workflow.'],
  ['setTimeout', 'Use sleep or condition of @temporalio/workflow.'],
  ['require', 'Use an import.'],
].map(([name, message]) => ({ name, message }));

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'prisma/generated/',
      'web/build/',
      'web/build.next/',
      '.cache/',
      '.omoios/',
      'activities/adapters/model/rehearsal/sample/',
      'scripts/bench/peers/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
      },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: { require: 'readonly', exports: 'readonly' } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['workflows/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: builtins.map((name) => ({ name, message: 'A workflow has no host: call an activity.' })) },
      ],
      'no-restricted-globals': ['error', ...hostGlobals],
    },
  },
  {
    // Pure rules know no Temporal either, so not even its random numbers and clock, which the SDK makes deterministic.
    files: ['workflows/domain/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Pass random numbers in.' },
        { object: 'Date', property: 'now', message: 'Pass the time in.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Pass the time in.' },
      ],
    },
  },
  {
    files: ['{activities,server,temporal,scripts}/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'AbortSignal',
          property: 'any',
          message:
            'Node 20 forgets a timeout that only the combined signal holds: use timeLimit of activities/support.',
        },
      ],
    },
  },
  {
    // A message is an object of workflows/contracts with a name and a schema. With a bare name nothing is checked.
    files: ['{activities,server,temporal}/**', 'workflows/*.ts', 'workflows/!(domain)/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...['signal', 'executeUpdate', 'query'].map((method) => ({
          selector: `CallExpression[callee.property.name='${method}'] > :matches(Literal, TemplateLiteral)`,
          message: 'Pass the message of workflows/contracts, not its name.',
        })),
      ],
    },
  },
);
