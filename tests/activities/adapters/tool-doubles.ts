/**
 * Projects of ecosystems whose tools few machines have, each with a double of its tool in `tools`. A double takes exactly
 * the arguments and variables by which the real tool does the step, and answers in its formats.
 */
interface Doubled {
  name: string;
  files: Record<string, string>;
  /** As they are read from the double's report: one test passes, one fails. */
  tests: string[];
}

const junit = (of: string, file = '') =>
  `<testsuites><testsuite name="${of}"><testcase classname="${of}" ${file && `file="${file}" `}name="adds"/><testcase classname="${of}" ${file && `file="${file}" `}name="subtracts"><failure/></testcase></testsuite></testsuites>`;

const trx =
  '<TestRun><Results><UnitTestResult testId="1" testName="N.C.Adds" outcome="Passed"/><UnitTestResult testId="2" testName="N.C.Subtracts" outcome="Failed"/></Results><TestDefinitions><UnitTest id="1"><TestMethod className="N.C"/></UnitTest><UnitTest id="2"><TestMethod className="N.C"/></UnitTest></TestDefinitions></TestRun>';

const examples = JSON.stringify({
  examples: ['passed', 'failed'].map((status, i) => ({
    full_description: ['Cart adds', 'Cart subtracts'][i],
    file_path: './spec/cart_spec.rb',
    status,
  })),
});

const refuse = '*) echo "cannot: $*" >&2; exit 64 ;;';

export const doubled: Doubled[] = [
  {
    name: 'Gradle',
    files: {
      'build.gradle': "plugins { id 'java' }\n",
      'src/test/java/CartTest.java': '',
      'tools/gradle': `#!/bin/bash
case "$*" in
  "--no-daemon -I "*" test")
    [[ $(<"$3") == "allprojects{tasks.withType(Test).configureEach{filter{setFailOnNoMatchingTests(false);includeTestsMatching('no.such.Test')}}}" ]] || exit 65
    mkdir -p build ;;
  "--no-daemon --offline test")
    mkdir build/test-results build/test-results/test && printf %s '${junit('CartTest')}' >build/test-results/test/TEST-CartTest.xml
    exit 1 ;;
  ${refuse}
esac
`,
    },
    tests: ['passed CartTest > adds', 'failed CartTest > subtracts'],
  },
  {
    name: 'Bundler with RSpec',
    files: {
      Gemfile: "gem 'rspec'\n",
      'Gemfile.lock': '',
      'spec/cart_spec.rb': '',
      'tools/bundle': `#!/bin/bash
case "$BUNDLE_FROZEN $*" in
  "true install") touch installed ;;
  " exec rspec")
    [[ -e installed && $SPEC_OPTS == "--format progress --format json --out "* ]] || exit 65
    printf %s '${examples}' >"\${SPEC_OPTS##* }"
    exit 1 ;;
  ${refuse}
esac
`,
    },
    tests: ['passed spec/cart_spec.rb > Cart adds', 'failed spec/cart_spec.rb > Cart subtracts'],
  },
  {
    name: 'Bundler with minitest',
    files: {
      Gemfile: '',
      'cart.gemspec': '',
      Rakefile: 'Rake::TestTask.new\n',
      'test/test_cart.rb': '',
      'tools/bundle': `#!/bin/bash
case "$TESTOPTS $*" in
  " install") touch installed ;;
  "-v exec rake test")
    [[ -e installed ]] || exit 65
    printf '%s\\n' 'CartTest#test_adds = 0.00 s = .' 'CartTest#test_subtracts = 0.01 s = F' '' '2 runs, 2 assertions, 1 failures, 0 errors, 0 skips'
    exit 1 ;;
  ${refuse}
esac
`,
    },
    tests: ['passed CartTest > test_adds', 'failed CartTest > test_subtracts'],
  },
  {
    name: 'Composer with a script for PHPUnit',
    files: {
      'composer.json': JSON.stringify({
        'require-dev': { 'phpunit/phpunit': '^12' },
        scripts: { test: 'phpunit --testdox' },
      }),
      'composer.lock': '',
      'tools/composer': `#!/bin/bash
case "$*" in
  "install --no-interaction --no-progress") mkdir -p vendor ;;
  "run-script test -- --log-junit "*)
    [[ -d vendor && $# == 5 ]] || exit 65
    printf %s '${junit('CartTest', 'tests/CartTest.php')}' >"$5"
    exit 1 ;;
  ${refuse}
esac
`,
    },
    tests: ['passed tests/CartTest.php > adds', 'failed tests/CartTest.php > subtracts'],
  },
  {
    name: 'dotnet',
    files: {
      'Cart.sln': '',
      'Cart.Tests/Cart.Tests.csproj': '',
      'tools/dotnet': `#!/bin/bash
case "$*" in
  restore) mkdir -p obj ;;
  "test --logger trx --results-directory "*" --no-restore")
    [[ -d obj ]] || exit 65
    mkdir -p "$5" && printf %s '${trx}' >"$5/agent_2026-01-01.trx"
    exit 1 ;;
  ${refuse}
esac
`,
    },
    tests: ['passed N.C > Adds', 'failed N.C > Subtracts'],
  },
];
