import type { ListedCommand } from './commands/judge-line.ts';
import { joinWords } from './commands/shell-words.ts';
import type { DraftRoot } from './ecosystem.ts';
import { nodeManifest } from './node-project.ts';
import { endingTest, publishes } from './node-scripts.ts';

/** Options of build tools that say what the platform adds itself, or that undo the work of the set-up. */
const own = ['-B', '--batch-mode', '-o', '--offline', '-U', '--no-daemon', 'clean'];

/** Whether a script of package.json exists, publishes nothing and ends. */
function scriptEnds(root: DraftRoot, name: string): boolean {
  const scripts = nodeManifest(root.folder)?.scripts ?? {};
  const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (typeof script !== 'string' || script.length > 5000 || publishes(script)) return false;
  const ending = endingTest((one) => (one === 'test' ? script : undefined));
  return ending.name === 'test' && ending.args === '' && ending.prefix === '';
}

/** Checks run without a network, so build tools must not look for newer packages. */
function offline(root: DraftRoot, [program = '', first = '', ...args]: string[]): string[] {
  if (program === 'cargo' && first !== 'fmt') {
    const locked = root.folder.has('Cargo.lock');
    return [
      program,
      first,
      '--offline',
      ...args.filter((arg) => arg !== '--offline' && (locked || arg !== '--locked')),
    ];
  }
  const goals = [first, ...args].filter((arg) => arg !== '' && !own.includes(arg));
  if (/^(mvn|\.\/mvnw)$/.test(program)) return [program, '-B', '-o', ...goals];
  if (/^(gradle|\.\/gradlew)$/.test(program)) return [program, '--no-daemon', '--offline', ...goals];
  return [program, first, ...args].filter((word) => word !== '');
}

/** The command that runs a listed command in a root; undefined: the root has no ecosystem for it. */
export function commandIn(root: DraftRoot, listed: ListedCommand): string | undefined {
  const { folder, parts } = root;
  const owner = parts.find(({ language }) => language === listed.language);
  // A Makefile beside another ecosystem is no part of its own.
  const files = { make: ['Makefile', 'makefile', 'GNUmakefile'], just: ['justfile', 'Justfile', '.justfile'] };
  const beside = listed.language === 'make' || listed.language === 'just' ? files[listed.language] : [];
  if (!owner && !beside.some((name) => folder.has(name))) return undefined;
  if (listed.language === 'node' && listed.script !== undefined && !scriptEnds(root, listed.script)) return undefined;
  const env = listed.env ? `${listed.env} ` : '';
  if (!listed.ofPackage) return env + joinWords(offline(root, listed.words));
  const text = joinWords(listed.words);
  const run = owner?.part.run;
  return run ? env + run(listed.words[0] === 'manage.py' ? `python ${text}` : text) : undefined;
}
