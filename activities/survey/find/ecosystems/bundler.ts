import { lineOf } from '../documents.ts';
import { check, type Ecosystem, emptyPart, noLock, noTests } from '../ecosystem.ts';

export const bundler: Ecosystem = {
  name: 'bundler',
  language: 'ruby',
  markers: /^(Gemfile|gems\.rb)$/,
  files: ['Gemfile.lock', 'gems.locked', 'Rakefile', '.rspec', '.rubocop.yml'],
  find(folder) {
    const gemfile = ['Gemfile', 'gems.rb'].find((name) => folder.has(name));
    if (!gemfile) return undefined;
    const part = emptyPart();
    const lock = ['Gemfile.lock', 'gems.locked'].find((name) => folder.has(name));
    part.setup.push({
      command: lock ? 'BUNDLE_FROZEN=true bundle install' : 'bundle install',
      source: { file: folder.file(lock ?? gemfile), line: 1 },
    });
    // The lock file of a library stays out of its repository on purpose.
    if (!lock && folder.find(/^[^/]+\.gemspec$/, 1).length === 0)
      part.missing.push(noLock(folder.file(gemfile), 'Run "bundle lock" and commit Gemfile.lock.'));
    const specs = folder.find(/(^|\/)spec\/.+_spec\.rb$/, 1);
    const tests = folder.find(/(^|\/)test\/(.+\/)?([^/]+_test|test_[^/]+)\.rb$/, 1);
    const add = (purpose: 'test' | 'lint', command: string, name: string, line = 1) =>
      part.checks.push(check(purpose, command, folder.file(name), line));
    if (specs[0]) add('test', 'bundle exec rspec', folder.has('.rspec') ? '.rspec' : specs[0]);
    if (tests[0]) {
      if (folder.has('bin/rails')) add('test', 'bin/rails test', 'bin/rails');
      else if (folder.has('Rakefile')) {
        const line = lineOf(folder.text('Rakefile'), /TestTask|task.{0,100}\btest\b/);
        add('test', 'bundle exec rake test', 'Rakefile', line);
      } else if (!specs[0]) part.missing.push(noTests('Add a Rakefile with the task "test".'));
    }
    if (!specs[0] && !tests[0]) part.missing.push(noTests('Add tests below spec/ or test/.'));
    const gems = `${folder.text(gemfile) ?? ''}\n${folder.text('Gemfile.lock') ?? ''}`;
    if (folder.has('.rubocop.yml') && /\brubocop\b/.test(gems)) add('lint', 'bundle exec rubocop', '.rubocop.yml');
    return { ...part, run: (program) => `bundle exec ${program}` };
  },
};
