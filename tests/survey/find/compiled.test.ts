import { type Files, found, json } from './found.ts';

const ci = (run: string) => ({ '.github/workflows/ci.yml': `jobs:\n  a:\n    steps:\n      - run: ${run}\n` });
const noSuchTest = "test '-Dtest=*#noSuchTest' -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false";
const rows: [title: string, files: Files, expected: string[]][] = [
  [
    'Go',
    { 'go.mod': 'module a\n\ngo 1.22\n\nrequire b v1.0.0\n', 'go.sum': '', 'a_test.go': '' },
    [
      '[.] go',
      'setup go mod download',
      "setup go list -e -export -test -deps -f '' ./...",
      'test go test ./...',
      'lint go vet ./...',
    ],
  ],
  [
    'Go without packages and tests',
    { 'go.mod': 'module a\n' },
    ['[.] go', 'lint go vet ./...', 'build go build ./...', 'missing tests'],
  ],
  [
    'Go workspace',
    {
      'go.work': 'go 1.22\nuse (\n\t./a // first\n\t./b\n\t../out\n\t./c;x\n)\n',
      'a/go.mod': 'module a',
      'b/go.mod': 'module b\nrequire c v1.0.0',
      'b/b_test.go': '',
    },
    [
      '[.] go',
      'setup go mod download',
      "setup go list -e -export -test -deps -f '' ./a/... ./b/...",
      'test go test ./a/... ./b/...',
      'lint go vet ./a/... ./b/...',
    ],
  ],
  [
    'Cargo workspace, with clippy where CI names it',
    {
      'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\nexclude = ["fuzz"]\n',
      'Cargo.lock': '',
      'crates/a/Cargo.toml': '[package]\nname = "a"\n',
      'crates/a/src/lib.rs': '',
      ...ci('cargo clippy --all-targets -- -D warnings'),
    },
    [
      '[.] cargo',
      'setup cargo fetch --locked',
      'setup cargo test --no-run --offline --locked --workspace || true',
      'test cargo test --offline --locked --workspace',
      'lint cargo clippy --offline --all-targets -- -D warnings',
    ],
  ],
  [
    'Maven with a wrapper and modules',
    {
      'pom.xml': '<project><modules><module>a</module></modules></project>',
      mvnw: '',
      'a/pom.xml': '<project/>',
      'a/src/test/java/ATest.java': '',
    },
    ['[.] maven', `setup ./mvnw -B -q ${noSuchTest}`, 'test ./mvnw -B -o test'],
  ],
  ['Maven that cannot be read', { 'pom.xml': '<project' }, ['[.] maven', 'missing a readable pom.xml']],
  [
    'Gradle',
    { 'settings.gradle.kts': 'include("a")', gradlew: '', 'a/build.gradle.kts': '', 'a/src/test/kotlin/ATest.kt': '' },
    [
      '[.] gradle',
      expect.stringMatching(/^setup .* && \.\/gradlew --no-daemon -I \S+ test$/),
      'test ./gradlew --no-daemon --offline test',
    ],
  ],
  [
    'Bundler with RSpec',
    { Gemfile: "source 'https://rubygems.org'\ngem 'rspec'", 'Gemfile.lock': '', 'spec/a_spec.rb': '' },
    ['[.] bundler', 'setup BUNDLE_FROZEN=true bundle install', 'test bundle exec rspec'],
  ],
  [
    'Bundler with minitest',
    { Gemfile: '', 'a.gemspec': '', Rakefile: 'Rake::TestTask.new', 'test/test_a.rb': '' },
    ['[.] bundler', 'setup bundle install', 'test bundle exec rake test'],
  ],
  [
    'Composer with PHPUnit',
    {
      'composer.json': json({ 'require-dev': { 'phpunit/phpunit': '^10' } }),
      'composer.lock': '',
      'phpunit.xml.dist': '',
    },
    ['[.] composer', 'setup composer install --no-interaction --no-progress', 'test vendor/bin/phpunit'],
  ],
  [
    'dotnet',
    { 'A.sln': '', 'src/A/A.csproj': '', 'tests/A.Tests/A.Tests.csproj': '' },
    ['[.] dotnet', 'setup dotnet restore', 'test dotnet test --no-restore', 'build dotnet build --no-restore'],
  ],
  [
    'a Makefile with C',
    { Makefile: 'CC := gcc\nall: a\n\ntest: a\n\t./a\n.PHONY: test lint\n', 'a.c': '', 'lib/Makefile': 'test:\n' },
    ['[.] make', 'test make test', 'build make all'],
  ],
  [
    'a Makefile gives the tests that package.json has not',
    { 'package.json': json({ scripts: { build: 'x' } }), Makefile: 'test:\n\tx\nlint:\n\tx\n' },
    ['[.] npm+make', 'test make test', 'build npm run build'],
  ],
  ['just', { justfile: 'lint path:\n  x\n\n@test *args:\n  x\n' }, ['[.] just', 'test just test']],
  [
    'CMake where CI names it',
    { 'CMakeLists.txt': 'project(a)\nenable_testing()\n', ...ci('cmake -S . -B out') },
    ['[.] cmake', 'test cmake -S . -B build && cmake --build build && ctest --test-dir build --output-on-failure'],
  ],
  [
    'CMake that nothing names',
    { 'CMakeLists.txt': 'project(a)' },
    ['[.] unknown', 'missing commands for set-up and checks'],
  ],
  [
    'Autotools where CI names them',
    { 'configure.ac': 'AC_INIT', ...ci('./configure && make') },
    ['[.] autotools', 'setup autoreconf -fi && ./configure', 'test make check'],
  ],
  ['nothing', { 'README.md': '# a' }, ['[.] unknown', 'missing commands for set-up and checks']],
];

test.each(rows)('finds a project: %s', async (_title, files, expected) => {
  expect(await found(files)).toEqual(expected);
});
