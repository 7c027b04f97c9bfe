import { z } from 'zod';
import { lineOf, parseJson } from '../documents.ts';
import { check, type Ecosystem, emptyPart, noLock, noTests, unreadable } from '../ecosystem.ts';
import { publishes } from '../node-scripts.ts';

const table = z.record(z.string(), z.unknown()).catch({});
const manifestSchema = z.object({ scripts: table, require: table, 'require-dev': table });

export const composer: Ecosystem = {
  name: 'composer',
  language: 'php',
  markers: /^composer\.json$/,
  files: ['composer.lock', 'phpunit.xml', 'phpunit.xml.dist', 'phpstan.neon', 'phpstan.neon.dist'],
  find(folder) {
    if (!folder.has('composer.json')) return undefined;
    const text = folder.text('composer.json');
    const manifest = manifestSchema.safeParse(parseJson(text)).data;
    if (!manifest) return unreadable(folder, 'composer.json', 'JSON');
    const part = emptyPart();
    const file = folder.file('composer.json');
    const locked = folder.has('composer.lock');
    const needed = { ...manifest.require, ...manifest['require-dev'] };
    if (Object.keys(needed).some((name) => name.includes('/'))) {
      const source = { file: locked ? folder.file('composer.lock') : file, line: 1 };
      part.setup.push({ command: 'composer install --no-interaction --no-progress', source });
      if (!locked) part.missing.push(noLock(file, 'Run "composer update" and commit composer.lock.'));
    }
    const declares = (name: string) => Object.hasOwn(needed, name);
    const script = (name: string) => {
      const value = Object.hasOwn(manifest.scripts, name) ? manifest.scripts[name] : undefined;
      return value !== undefined && !publishes(JSON.stringify(value));
    };
    const line = (name: string) => lineOf(text, new RegExp(`"${name}"\\s*:`), /"scripts"/);
    const config = ['phpunit.xml', 'phpunit.xml.dist'].find((name) => folder.has(name));
    if (script('test')) part.checks.push(check('test', 'composer run-script test', file, line('test')));
    else if (declares('pestphp/pest')) part.checks.push(check('test', 'vendor/bin/pest', file, 1));
    else if (declares('phpunit/phpunit') && (config || folder.find(/Test\.php$/, 1).length > 0))
      part.checks.push(check('test', 'vendor/bin/phpunit', config ? folder.file(config) : file, 1));
    else part.missing.push(noTests('Add a script "test" to composer.json.'));
    const stan = ['phpstan.neon', 'phpstan.neon.dist'].find((name) => folder.has(name));
    if (stan && declares('phpstan/phpstan'))
      part.checks.push(check('types', 'vendor/bin/phpstan analyse --no-progress', folder.file(stan), 1));
    if (script('lint')) part.checks.push(check('lint', 'composer run-script lint', file, line('lint')));
    return { ...part, run: (program) => `vendor/bin/${program}` };
  },
};
