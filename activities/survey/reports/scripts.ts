import { z } from 'zod';
import type { RootFacts } from './reader.ts';

const scriptsSchema = z.object({ scripts: z.record(z.string(), z.unknown()) });

/** A script of a manifest. */
interface Script {
  text: string;
  /** The words between the package manager's arguments and the script's; undefined: none reach its last command alone. */
  separators: string[] | undefined;
}

/** Options by which a package manager runs the script of a package in another folder; npm takes a name there too. */
const folderOption = /^(-C|-w|--dir|--prefix|--cwd|--workspace)(?:=(.*))?$/;

/** The folder that a package manager's arguments name, and the arguments without it. */
function inFolder(args: string[]): { folder: string; rest: string[] } {
  const at = args.findIndex((word) => folderOption.test(word));
  const [, , joined] = folderOption.exec(args[at] ?? '') ?? [];
  const folder = at < 0 ? '' : (joined ?? args[at + 1] ?? '');
  return { folder, rest: at < 0 ? args : args.toSpliced(at, joined === undefined ? 2 : 1) };
}

/** The manifests that show what a package manager's call runs, relative to the root. */
export const manifestOf = (program: string, args: string[]): string | undefined => {
  if (!/^(npm|pnpm|yarn|bun)$/.test(program)) return undefined;
  const { folder } = inFolder(args);
  return folder === '' ? 'package.json' : `${folder.replace(/^\.\/|\/$/g, '')}/package.json`;
};

/** The script that a package manager's call runs; undefined for another command, or several packages' scripts. */
export function packageScript(program: string, args: string[], root: RootFacts): Script | undefined {
  if (program === 'composer') return composerScript(args, root);
  const manifest = manifestOf(program, args);
  if (manifest === undefined) return undefined;
  const before = args.indexOf('--') < 0 ? args : args.slice(0, args.indexOf('--'));
  const { rest: own } = inFolder(before);
  // These run the scripts of several packages, each with its own text.
  if (own.some((word) => /^(-w|-ws|-r|-F|--workspaces?|--filter|--recursive)(=|$)/.test(word))) return undefined;
  const words = own.filter((word) => !word.startsWith('-'));
  const name = scriptName(program, words);
  const text = name === undefined ? undefined : scriptsOf(root, manifest)[name];
  if (typeof text !== 'string') return undefined;
  return { text, separators: program === 'npm' && !args.includes('--') ? ['--'] : [] };
}

function scriptName(program: string, [verb, name]: string[]): string | undefined {
  if (verb === 'run' || verb === 'run-script') return name;
  // `bun test` is the runner of bun, whatever the script is.
  if (program === 'bun') return verb === 'test' ? undefined : verb;
  if (verb === 't' || verb === 'tst') return 'test';
  return program === 'npm' ? (verb === 'test' ? verb : undefined) : verb;
}

/** A script of composer.json: one command or several, of which `@name` is another script. Each gets all arguments. */
function composerScript(args: string[], root: RootFacts): Script | undefined {
  const at = args.indexOf('--');
  const before = at < 0 ? args : args.slice(0, at);
  if (before.some((word) => /^(-d|--working-dir)/.test(word))) return undefined;
  const [verb = '', second = ''] = before.filter((word) => !word.startsWith('-'));
  const scripts = scriptsOf(root, 'composer.json');
  const seen = new Set<string>();
  const of = (name: string): string[] => {
    const value = Object.hasOwn(scripts, name) && !seen.has(name) ? scripts[name] : [];
    seen.add(name);
    return [value].flat().flatMap((line) => {
      if (typeof line !== 'string' || line.startsWith('@putenv ')) return [];
      const other = /^@([\w:.-]+)$/.exec(line)?.[1];
      return other === undefined ? [line.replace(/^@(?=(php|composer) )/, '')] : of(other);
    });
  };
  const lines = of(/^run(-script)?$/.test(verb) ? second : verb);
  if (lines.length === 0) return undefined;
  return { text: lines.join('\n'), separators: lines.length > 1 ? undefined : at < 0 ? ['--'] : [] };
}

function scriptsOf(root: RootFacts, manifest: string): Record<string, unknown> {
  try {
    return scriptsSchema.parse(JSON.parse(root.file(manifest) ?? '{}')).scripts;
  } catch {
    return {};
  }
}

/** The lines that `make` or `just` run for a target, those of its prerequisites first; undefined for another command. */
export function recipe(program: string, args: string[], root: RootFacts): string[] | undefined {
  const names = { make: ['GNUmakefile', 'makefile', 'Makefile'], just: ['justfile', 'Justfile', '.justfile'] };
  if (program !== 'make' && program !== 'just') return undefined;
  if (args.some((word) => /^(-C|-f|--directory|--file)/.test(word))) return undefined;
  const text = names[program].map((name) => root.file(name)).find((found) => found !== undefined);
  const targets = args.filter((word) => !word.startsWith('-') && !word.includes('='));
  if (text === undefined || targets.length === 0) return undefined;
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  const seen = new Set<string>();
  const of = (target: string): string[] => {
    const at = lines.findIndex((line) => new RegExp(`^@?${escape(target)}(\\s[^:=]*)?:(?!=)`).test(line));
    if (at < 0 || seen.has(target)) return [];
    seen.add(target);
    const before = (lines[at] ?? '')
      .replace(/^[^:]*:+/, '')
      .replace(/[#;].*$/, '')
      .split(/\s+/)
      .filter(Boolean);
    const own: string[] = [];
    for (const line of lines.slice(at + 1)) {
      if (line.trim() !== '' && !/^\s/.test(line)) break;
      own.push(expand(line.trim().replace(/^[@+-]+/, ''), lines));
    }
    return [...before.flatMap(of), ...own];
  };
  return targets.flatMap(of);
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Variables by their value in the file. One that is set elsewhere stands for its own name: `$(GO)` is mostly `go`. */
function expand(line: string, lines: string[]): string {
  return line.replace(/\$[({](\w+)[)}]|\{\{\s*(\w+)\s*\}\}/g, (_, made?: string, just?: string) => {
    const name = made ?? just ?? '';
    const set = lines.find((each) => new RegExp(`^\\s*(export\\s+)?${name}\\s*[:?]?=`).test(each));
    const value = set?.replace(/^[^=]*=\s*/, '').trim();
    return value === undefined ? name.toLowerCase() : value.includes('$(') ? '' : value;
  });
}
