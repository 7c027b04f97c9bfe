import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { onlyEnv } from '../processes.ts';
import { programs } from './programs.ts';

/** The tool chains of this machine as commands in a sandbox get them. */
export interface Toolchains {
  /** Changes with PATH and with every program that is found. */
  key: string;
  /** Files and folders outside the system that are shown read-only, at the same path. None contains another. */
  shown: string[];
  /** Programs by name, whose links are in a folder of PATH: a folder of the person is never shown as a whole. */
  links: Record<string, string>;
  /** Folders of PATH after that one, in the order of the worker's PATH. */
  path: string[];
  env: Record<string, string>;
}

export const noToolchains: Toolchains = { key: 'none', shown: [], links: {}, path: [], env: {} };

/** Folders that every sandbox sees already. */
export const inSystem = (file: string) => /^\/(usr|bin|sbin|lib\w*)(\/|$)/.test(file);

/** What a folder holds that is the root of a tool chain, and nothing of a person. */
const marks = [
  ['pkg', 'tool'],
  ['pkg', 'include'],
  ['lib', 'node_modules'],
  ['lib', 'modules'],
  ['lib', 'rustlib'],
  ['lib', 'ruby'],
  ['boot', 'plexus'],
  ['lib', 'gradle'],
  ['lib', 'python3.'],
  ['shared', 'Microsoft.'],
  ['.', 'pyvenv.cfg'],
] as const;

const entries = (dir: string): string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
};

const real = (file: string): string | undefined => {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
};

const startOf = (file: string): string => {
  try {
    const { size } = statSync(file);
    return size < 100_000 ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
};

const isProgram = (file: string): boolean => {
  try {
    const stats = statSync(file);
    return stats.isFile() && (stats.mode & 0o111) !== 0;
  } catch {
    return false;
  }
};

/** Finds the tool chains on a PATH. It follows each program to its place, and never shows the home folder around it. */
export class Finder {
  private readonly shown = new Set<string>();
  private readonly links: Record<string, string> = {};
  private readonly folders: string[] = [];
  private readonly env: Record<string, string> = {};
  private readonly home: string;

  constructor(private readonly given: Record<string, string | undefined>) {
    this.home = real(given.HOME ?? '') ?? '/nonexistent';
  }

  find(): Toolchains {
    const seen: string[] = [];
    const taken = new Set<string>();
    for (const folder of new Set((this.given.PATH ?? '').split(':').filter((at) => path.isAbsolute(at)))) {
      if (inSystem(folder)) this.folders.push(folder);
      for (const name of Object.keys(programs)) {
        const file = path.join(folder, name);
        if (taken.has(name) || !isProgram(file)) continue;
        taken.add(name);
        const target = real(file) ?? file;
        const { size, mtimeMs } = statSync(target);
        seen.push(`${file} ${target} ${size} ${mtimeMs}`);
        if (!inSystem(folder)) this.take(name, file, target);
      }
    }
    const javaHome = real(this.given.JAVA_HOME ?? '');
    if (javaHome && (inSystem(javaHome) || this.isShown(javaHome))) this.env.JAVA_HOME = javaHome;
    const shown = [...this.shown].filter((at) => ![...this.shown].some((other) => at.startsWith(`${other}/`))).sort();
    const found = { shown, links: this.links, path: [...new Set(this.folders)], env: this.env };
    return {
      ...found,
      key: createHash('sha256')
        .update(JSON.stringify([found, seen]))
        .digest('hex')
        .slice(0, 16),
    };
  }

  private take(name: string, file: string, target: string): void {
    if (inSystem(target)) {
      this.links[name] = target;
      return;
    }
    if (this.takeRustup(file, target) || this.takeShims(file, target)) return;
    const place = this.placeBehind(name, target);
    if (place === undefined) return;
    this.links[name] = place;
    this.show(place);
  }

  /** Where a version manager's link really leads. */
  private placeBehind(name: string, target: string): string | undefined {
    const manager = /^(mise|asdf|proto)$/.exec(path.basename(target))?.[1];
    const script = /^exec .*\basdf exec\b/m.test(startOf(target)) ? 'asdf' : undefined;
    const asked = (manager !== name && manager) || script;
    if (!asked) return target;
    const { stdout, status } = spawnSync(asked, ['which', name], {
      cwd: this.home,
      env: onlyEnv({ PATH: this.given.PATH ?? '', HOME: this.home }),
      encoding: 'utf8',
      timeout: 5000,
    });
    return status === 0 && path.isAbsolute(stdout.trim()) ? real(stdout.trim()) : undefined;
  }

  /** Shows the tool chain that a program belongs to, or else the program alone. */
  private show(target: string, depth = 0): void {
    if (inSystem(target) || this.isShown(target) || depth > 3) return;
    const root = this.rootOf(target);
    if (root) {
      this.shown.add(root);
      const bin = path.dirname(target);
      if (!this.folders.includes(bin)) this.folders.push(bin);
      if (existsSync(path.join(root, 'lib/modules'))) this.env.JAVA_HOME ??= root;
      if (existsSync(path.join(root, 'shared'))) this.env.DOTNET_ROOT ??= root;
      // A virtual environment stands on another Python.
      const base = existsSync(path.join(root, 'pyvenv.cfg')) ? real(path.join(root, 'bin/python')) : undefined;
      if (base) this.show(base, depth + 1);
      return;
    }
    const modules = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(target)?.[0];
    this.shown.add(modules ?? target);
    const interpreter = /^#! *(\/\S+)/.exec(startOf(target))?.[1];
    const place = interpreter && real(interpreter);
    if (place) this.show(place, depth + 1);
  }

  private rootOf(target: string): string | undefined {
    const folder = path.dirname(target);
    const roots = [...(path.basename(folder) === 'bin' ? [path.dirname(folder)] : []), folder];
    return roots.find(
      (root) =>
        !this.isPersonal(root) &&
        marks.some(([dir, mark]) => entries(path.join(root, dir)).some((entry) => entry.startsWith(mark))),
    );
  }

  /** A home folder, a folder around one, and the folders of one in which programs lie beside secrets. */
  private isPersonal(folder: string): boolean {
    return (
      `${this.home}/`.startsWith(`${folder}/`) ||
      folder === '/' ||
      ['.local', '.config', '.cargo', '.cache', 'bin', 'go'].some((name) => folder === path.join(this.home, name))
    );
  }

  private isShown(target: string): boolean {
    return [...this.shown].some((at) => target === at || target.startsWith(`${at}/`));
  }

  /** Rustup's links run the program of the tool chain that the project asks for. */
  private takeRustup(file: string, target: string): boolean {
    const folder = path.dirname(file);
    const rustup = real(path.join(folder, 'rustup'));
    if (!rustup || (target !== rustup && statSync(target).ino !== statSync(rustup).ino && !sameSize(target, rustup)))
      return false;
    const rustupHome = real(this.given.RUSTUP_HOME ?? path.join(this.home, '.rustup'));
    if (!rustupHome) return false;
    const toolchains = path.join(rustupHome, 'toolchains');
    for (const at of [
      rustup,
      ...['toolchains', 'settings.toml', 'update-hashes'].map((name) => path.join(rustupHome, name)),
    ])
      if (existsSync(at)) this.shown.add(at);
    for (const linked of entries(toolchains).map((name) => real(path.join(toolchains, name))))
      if (linked && existsSync(path.join(linked, 'lib/rustlib')) && !this.isPersonal(linked)) this.shown.add(linked);
    for (const name of entries(folder)) if (sameSize(path.join(folder, name), rustup)) this.links[name] = rustup;
    this.env.RUSTUP_HOME = rustupHome;
    return true;
  }

  /** Scripts of pyenv, rbenv and their like, which look at the project's version file. */
  private takeShims(file: string, target: string): boolean {
    const shims = path.dirname(file);
    const manager = /\/(pyenv|rbenv|nodenv|goenv)" exec/.exec(startOf(target))?.[1];
    const root = path.dirname(shims);
    if (!manager || path.basename(shims) !== 'shims' || this.isPersonal(root)) return false;
    for (const name of ['bin', 'libexec', 'shims', 'versions', 'version', 'plugins', `${manager}.d`, 'completions'])
      if (existsSync(path.join(root, name))) this.shown.add(path.join(root, name));
    this.env[`${manager.toUpperCase()}_ROOT`] = root;
    if (!this.folders.includes(shims)) this.folders.push(shims);
    return true;
  }
}

function sameSize(file: string, other: string): boolean {
  try {
    return statSync(file).size === statSync(other).size;
  } catch {
    return false;
  }
}
