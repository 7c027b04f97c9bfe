import { accepts, type Options, paths } from './options.ts';
import { purposeOfName } from './purpose-of-name.ts';
import { by, only, rule, type Rule } from './rule.ts';

const words = { words: paths };
/** Exactly one target, with a name that says its purpose. */
const target =
  (options: Options): Rule =>
  (args) => {
    const [name = '', ...others] = args.filter((arg) => !/^-|^\d+$/.test(arg));
    if (others.length > 0 || !accepts({ ...options, words: /^[A-Za-z][\w:.-]*$/ }, args)) return undefined;
    return purposeOfName(name);
  };

const cargoFlags =
  '--all --workspace --all-features --all-targets --no-default-features --locked --offline --frozen --release --verbose -v -q --quiet --lib --bins --tests --doc --examples --benches --no-fail-fast --no-run --no-deps --keep-going';
const cargoOptions: Options = {
  flags: cargoFlags,
  values: '--features -F -p --package --exclude --test --profile --jobs -j',
  words: /^\w[\w:]*$/,
  rest: {
    flags: '-D -W -A --nocapture --include-ignored --ignored --quiet',
    values: '--test-threads --skip',
    words: /^(warnings|[\w:-]+)$/,
  },
};
const goFlags = '-v -race -short -cover -failfast -shuffle -a -x';
const goOptions: Options = {
  flags: goFlags,
  values: '-count -timeout -tags -run -p -parallel -covermode -coverprofile -coverpkg -shuffle -mod -vet -cpu',
  words: /^\.?[\w./-]*$/,
};

const jvmFlags =
  '-B --batch-mode -q -V -e -ntp --no-transfer-progress -am -o --offline -U --fail-at-end -DskipTests -Dmaven.test.skip';
const mavenGoals: Rule = (args) => {
  if (!accepts({ flags: jvmFlags, values: '-T -pl -P -DskipTests', words: /^[\w:.-]+$/, needsWord: true }, args))
    return undefined;
  const goals = args.filter((arg) => /^[a-z]/.test(arg)).filter((arg) => arg !== 'clean');
  const [goal = ''] = goals;
  if (goals.length !== 1) return undefined;
  if (['test', 'verify'].includes(goal)) return args.some((arg) => /skip/.test(arg)) ? 'build' : 'test';
  if (['compile', 'test-compile', 'package'].includes(goal)) return 'build';
  return /^(checkstyle|spotless|pmd|spotbugs|com\.diffplug\.spotless):?[\w:-]*:check$/.test(goal) ? 'lint' : undefined;
};
const gradleTasks: Rule = (args) => {
  const options = {
    flags: '--no-daemon --stacktrace --info --parallel --continue --offline --build-cache --quiet -q',
    values: '-x',
    words: /^:?[\w:-]+$/,
    needsWord: true,
  };
  if (!accepts(options, args)) return undefined;
  const tasks = args.filter((arg, at) => !arg.startsWith('-') && args[at - 1] !== '-x' && arg !== 'clean');
  const name = tasks[0]?.split(':').at(-1) ?? '';
  if (tasks.length !== 1) return undefined;
  if (/^(test|check|\w{1,40}Test|test\w{1,40}UnitTest)$/.test(name)) return 'test';
  if (['build', 'assemble', 'classes', 'testClasses'].includes(name)) return 'build';
  return /^(lint|ktlintCheck|detekt|spotlessCheck|checkstyleMain|checkstyleTest)$/.test(name) ? 'lint' : undefined;
};

const dotnet: Options = {
  flags: '--no-restore --no-build --nologo --locked-mode --verify-no-changes',
  values: '-c --configuration -v --verbosity -f --framework --logger --collect',
  ...words,
};

/** Programs that are no packages, by name: the language that a folder must have, and the rule. */
export const toolPrograms: Record<string, [language: string, rule: Rule]> = {
  go: [
    'go',
    by({
      test: rule('test', goOptions),
      vet: rule('lint', goOptions),
      build: rule('build', { ...goOptions, values: '-tags -mod -p' }),
      mod: by({ download: rule('setup', {}), verify: rule('setup', {}) }),
    }),
  ],
  'golangci-lint': ['go', by({ run: rule('lint', { flags: '-v', values: '--timeout', words: /^\.?[\w./-]*$/ }) })],
  staticcheck: ['go', rule('lint', { words: /^\.?[\w./-]*$/ })],
  cargo: [
    'rust',
    by({
      test: rule('test', cargoOptions),
      nextest: by({ run: rule('test', cargoOptions) }),
      build: rule('build', cargoOptions),
      check: rule('types', cargoOptions),
      clippy: rule('lint', cargoOptions),
      fmt: only(['--check'], rule('lint', { flags: '--all --check', rest: { flags: '--check' } })),
      fetch: rule('setup', { flags: '--locked' }),
    }),
  ],
  mvn: ['jvm', mavenGoals],
  './mvnw': ['jvm', mavenGoals],
  gradle: ['jvm', gradleTasks],
  './gradlew': ['jvm', gradleTasks],
  'bin/rails': ['ruby', by({ test: rule('test', words) })],
  dotnet: [
    'dotnet',
    by({
      restore: rule('setup', dotnet),
      build: rule('build', dotnet),
      test: rule('test', dotnet),
      format: only(['--verify-no-changes'], rule('lint', dotnet)),
    }),
  ],
  make: ['make', target({ flags: '-k -s --silent', values: '-j' })],
  just: ['just', target({})],
  cmake: [
    'c',
    (args) =>
      accepts({ values: '-S -B -G --build --config -j --parallel --preset', flags: '-DCMAKE_BUILD_TYPE' }, args)
        ? 'build'
        : undefined,
  ],
  ctest: [
    'c',
    rule('test', {
      flags: '--output-on-failure -V --verbose',
      values: '--test-dir -C -j --parallel -E -R -L --timeout',
    }),
  ],
};
