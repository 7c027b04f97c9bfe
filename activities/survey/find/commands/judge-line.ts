import path from 'node:path';
import type { CheckPurpose } from '#workflows/domain/survey/environment.ts';
import { packagePrograms } from './package-programs.ts';
import { purposeOfName } from './purpose-of-name.ts';
import type { Rule } from './rule.ts';
import { toolPrograms } from './tool-programs.ts';
import { accepts } from './options.ts';
import { isInside, joinWords, type SimpleCommand, splitLine } from './shell-words.ts';

/** A command whose program and arguments are on the list. */
export interface ListedCommand {
  purpose: CheckPurpose | 'setup';
  /** The language of the ecosystem that must be in the folder. */
  language: string;
  /** Program and arguments; for a program of a package without the client that runs it. */
  words: string[];
  /** A program of an installed package: the folder's client runs it. */
  ofPackage: boolean;
  /** The script of package.json or composer.json that it runs. */
  script?: string;
  /** Assignments before it, as a shell reads them. */
  env: string;
  /** Folder relative to where the line begins. */
  dir: string;
}

/** Variables that change what is tested, and not which programs run. */
const environment =
  /^(CI|NODE_ENV|FORCE_COLOR|NO_COLOR|RAILS_ENV|APP_ENV|CGO_ENABLED|TZ|LANG|LC_ALL|PYTHONWARNINGS|PYTHONPATH|PYTHONUNBUFFERED|DJANGO_SETTINGS_MODULE|RUST_BACKTRACE|CARGO_TERM_COLOR)$/;
const clients = ['npm', 'pnpm', 'yarn', 'bun'];
const clientFlags = {
  flags:
    '-s --silent --if-present --workspaces -ws -r --recursive --parallel --immutable --frozen-lockfile --no-audit --no-fund --prefer-offline --ignore-scripts --legacy-peer-deps --no-interaction --prefer-dist --no-progress -n --ansi -q',
  values: '-w --workspace --filter',
};
const scriptRest = {
  flags: '--ci --coverage --run --runInBand --forceExit --watch=false --silent --verbose --passWithNoTests --no-watch',
  values: '--watch --watchAll --maxWorkers --reporter --project --max-warnings --browsers',
  words: /^[\w][\w./-]*$/,
};

/** Takes the client or the interpreter off a program of a package, and names the language of that client. */
function unwrap(words: string[]): { language?: string; words: string[] } {
  const [first = '', second = '', third = ''] = words;
  const python = /^(\.?\/?\.?venv\/bin\/)?python(3(\.\d+)?)?$/;
  if (python.test(first) && second === '-m') return { language: 'python', words: words.slice(2) };
  if (python.test(first) && /^(\.\/)?manage\.py$/.test(second))
    return { language: 'python', words: ['manage.py', ...words.slice(2)] };
  if ((first === 'uv' || first === 'poetry' || first === 'pipenv') && second === 'run') {
    const from = words.findIndex((word, at) => at > 1 && !/^--(frozen|locked|no-sync)$/.test(word));
    const inner = unwrap(from < 0 ? [] : words.slice(from));
    return inner.language === undefined || inner.language === 'python'
      ? { ...inner, language: 'python' }
      : { words: [] };
  }
  if (first === 'npx' || first === 'bunx')
    return { language: 'node', words: words.slice(/^--no(-install)?$/.test(second) ? 2 : 1) };
  if ((first === 'pnpm' || first === 'yarn') && second === 'exec') return { language: 'node', words: words.slice(2) };
  if (first === 'yarn' && Object.hasOwn(packagePrograms['node'] ?? {}, second))
    return { language: 'node', words: words.slice(1) };
  if (first === 'bundle' && second === 'exec' && third) return { language: 'ruby', words: words.slice(2) };
  const bin = /^(?:\.\/)?(vendor\/bin|node_modules\/\.bin)\/(\w+)$/.exec(first);
  if (bin) return { language: bin[1] === 'vendor/bin' ? 'php' : 'node', words: [bin[2] ?? '', ...words.slice(1)] };
  return { words };
}

function script(words: string[]): Omit<ListedCommand, 'env' | 'dir'> | undefined {
  const [client = '', ...args] = words;
  const language = client === 'composer' ? 'php' : 'node';
  const install = ['ci', 'install', 'i'].includes(args[0] ?? '') || (client === 'yarn' && args.length === 0);
  if (install)
    return accepts(clientFlags, args.slice(1)) ? { purpose: 'setup', language, words, ofPackage: false } : undefined;
  const rest = args.includes('--') ? args.slice(args.indexOf('--') + 1) : [];
  const own = args.slice(0, args.length - rest.length).filter((arg) => arg !== '--');
  const at = own.findIndex(
    (arg, index) => !arg.startsWith('-') && !/^(-w|--workspace|--filter)$/.test(own[index - 1] ?? ''),
  );
  const run = ['run', 'run-script'].includes(own[at] ?? '');
  const name = (run ? own[at + 1] : own[at]) === 't' ? 'test' : ((run ? own[at + 1] : own[at]) ?? '');
  // npm itself has other commands than `test` under such names.
  if (at < 0 || (client === 'npm' && !run && name !== 'test')) return undefined;
  const options = own.filter((_, index) => index !== at && !(run && index === at + 1));
  const purpose = purposeOfName(name);
  if (!purpose || !/^[\w:.-]+$/.test(name) || !accepts(clientFlags, options) || !accepts(scriptRest, rest))
    return undefined;
  return { purpose, language, words, ofPackage: false, script: name };
}

function judge(words: string[]): Omit<ListedCommand, 'env' | 'dir'> | undefined {
  const { language: wrapper, words: inner } = unwrap(words);
  const [program = '', ...args] = inner;
  if (wrapper === undefined && (clients.includes(program) || program === 'composer')) return script(words);
  if (/^pip3?$/.test(program) && args[0] === 'install')
    return accepts(
      { values: '-r --requirement -e --editable', words: /^\.(\[[\w,-]+\])?$/, flags: '-U --upgrade -q' },
      args.slice(1),
    )
      ? { purpose: 'setup', language: 'python', words: ['pip', ...args], ofPackage: true }
      : undefined;
  if (
    wrapper === undefined &&
    program === 'bundle' &&
    args[0] === 'install' &&
    accepts({ values: '--jobs --retry' }, args.slice(1))
  )
    return { purpose: 'setup', language: 'ruby', words, ofPackage: false };
  if (/^(uv|poetry)$/.test(program) && /^(sync|install)$/.test(args[0] ?? ''))
    return accepts(
      {
        flags: '--frozen --locked --all-extras --all-groups --dev --no-interaction',
        values: '--group --extra --with --extras',
      },
      args.slice(1),
    )
      ? { purpose: 'setup', language: 'python', words, ofPackage: false }
      : undefined;
  for (const [language, programs] of Object.entries(packagePrograms)) {
    if (wrapper !== undefined && wrapper !== language) continue;
    const rule: Rule | undefined = Object.hasOwn(programs, program) ? programs[program] : undefined;
    const purpose = rule?.(args);
    if (purpose) return { purpose, language, words: inner, ofPackage: true };
  }
  if (wrapper !== undefined || !Object.hasOwn(toolPrograms, program)) return undefined;
  const [language, rule] = toolPrograms[program] ?? [];
  const purpose = rule?.(args);
  return purpose && language ? { purpose, language, words, ofPackage: false } : undefined;
}

function envOf(command: SimpleCommand): string | undefined {
  for (const assignment of command.env) {
    const [name = '', ...value] = assignment.split('=');
    if (!environment.test(name) || !isInside(value.join('='))) return undefined;
  }
  return command.env.map((assignment) => joinWords([assignment])).join(' ');
}

/** The commands of a line, if all of them are on the list; otherwise undefined, and the line is only shown. */
export function judgeLine(line: string): ListedCommand[] | undefined {
  const split = splitLine(line);
  if (!split || split.length > 10) return undefined;
  const found: ListedCommand[] = [];
  let dir = '';
  for (const command of split) {
    const env = envOf(command);
    if (env === undefined) return undefined;
    const [program, target, ...more] = command.words;
    if (program === 'cd') {
      if (target === undefined || more.length > 0 || !isInside(target)) return undefined;
      dir = path.posix.join(dir, target).replace(/\/+$/, '');
      continue;
    }
    const judged = judge(command.words);
    if (!judged) return undefined;
    found.push({ ...judged, env, dir: dir === '.' ? '' : dir });
  }
  return found;
}
