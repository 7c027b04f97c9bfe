import { paths } from './options.ts';
import { by, only, rule, type Rule } from './rule.ts';

const words = { words: paths };
const quiet = '-q --quiet -v --verbose --color --no-color';

const pytest = rule('test', {
  flags: `${quiet} -vv -x -s -ra -rA -rs --ff --lf --strict --strict-markers --strict-config --doctest-modules --cov --no-cov --cov-append --benchmark-skip --showlocals -l`,
  values:
    '-k -m -n -W --tb --durations --maxfail --cov --cov-report --timeout --numprocesses --dist --junitxml --color',
  ...words,
});

/** Programs of packages, by the ecosystem that installs them. */
export const packagePrograms: Record<string, Record<string, Rule>> = {
  python: {
    pytest,
    'py.test': pytest,
    unittest: rule('test', { flags: '-v -q -b -f --verbose --buffer discover', values: '-s -p -t -k', ...words }),
    mypy: rule('types', {
      flags: `${quiet} --strict --ignore-missing-imports --pretty --show-error-codes`,
      values: '-p -m --python-version',
      ...words,
    }),
    pyright: rule('types', { flags: '--warnings --stats', ...words }),
    ruff: by({
      check: rule('lint', {
        flags: `${quiet} --no-fix --no-cache --preview`,
        values: '--select --output-format',
        ...words,
      }),
      format: only(['--check', '--diff'], rule('lint', { flags: `${quiet} --check --diff`, ...words })),
    }),
    flake8: rule('lint', {
      flags: `${quiet} --count --statistics --show-source`,
      values: '--max-line-length --max-complexity --select --ignore --extend-ignore --exclude',
      ...words,
    }),
    black: only(
      ['--check'],
      rule('lint', { flags: `${quiet} --check --diff`, values: '-l --line-length -t', ...words }),
    ),
    isort: only(
      ['--check', '--check-only', '-c'],
      rule('lint', { flags: '--check --check-only -c --diff', values: '--profile', ...words }),
    ),
    pylint: rule('lint', { flags: '-E --errors-only', values: '-j --disable --enable --fail-under', ...words }),
    'manage.py': by({
      test: rule('test', {
        flags: '--noinput --no-input --keepdb --parallel --failfast',
        values: '-v --verbosity --tag --exclude-tag',
        ...words,
      }),
      check: rule('lint', {}),
    }),
  },
  node: {
    eslint: rule('lint', { flags: `${quiet} --cache`, values: '--ext --max-warnings', ...words }),
    tsc: rule('types', { flags: '--noEmit --pretty -b --build', values: '-p --project', ...words }),
    prettier: only(
      ['--check', '-c', '-l', '--list-different'],
      rule('lint', { flags: '--check -c -l --list-different', ...words }),
    ),
    jest: rule('test', {
      flags: `${quiet} --ci --coverage --runInBand -i --forceExit --passWithNoTests`,
      values: '--maxWorkers -w',
      ...words,
    }),
    vitest: only(
      ['run', '--run'],
      rule('test', { flags: '--run --coverage --passWithNoTests', values: '--project', ...words }),
    ),
    mocha: rule('test', {
      flags: '--exit --recursive --check-leaks --forbid-only',
      values: '--timeout --reporter',
      ...words,
    }),
    ava: rule('test', { flags: '--verbose --serial', ...words }),
    biome: by({ ci: rule('lint', words), check: rule('lint', words), lint: rule('lint', words) }),
    oxlint: rule('lint', words),
  },
  ruby: {
    rspec: rule('test', { flags: '--color --fail-fast -fd', values: '--format -f --tag --seed', ...words }),
    rake: rule('test', { flags: '-q', words: /^(test|spec)(:[\w:]{1,30})?$/ }),
    rubocop: rule('lint', { flags: '--parallel -P --no-color', values: '--format -f', ...words }),
  },
  php: {
    phpunit: rule('test', {
      flags: `${quiet} --testdox --no-coverage --colors`,
      values: '--testsuite --group --exclude-group --colors',
      ...words,
    }),
    pest: rule('test', { flags: '--ci --parallel --no-coverage', values: '--testsuite', ...words }),
    phpstan: by({
      analyse: rule('types', {
        flags: '--no-progress --no-interaction',
        values: '-l --level --memory-limit',
        ...words,
      }),
    }),
    psalm: rule('types', { flags: '--no-cache --no-progress' }),
  },
};
