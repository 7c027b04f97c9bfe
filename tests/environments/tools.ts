import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { runIn } from './row.ts';

/** Tools that a machine may lack: how a client that it has installs each one into a folder, and where it lies there. */
const installed = [
  {
    name: 'pnpm',
    version: '9.15.9',
    commands: [['npm', 'install', '--prefix', '.', '--no-save', '--no-package-lock', 'pnpm@9.15.9']],
    bin: 'node_modules/.bin',
  },
  {
    name: 'uv',
    version: 'latest',
    commands: [
      ['python3', '-m', 'venv', '.'],
      ['bin/pip', 'install', '--target', 'own', 'uv'],
    ],
    bin: 'own/bin',
  },
];

export const isOn = (searchPath: string, name: string) =>
  searchPath.split(':').some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Clients of other libraries that tests run. */
const clientLibraries = {
  mcp: {
    version: '2.3.0',
    commands: [
      ['python3', '-m', 'venv', '.'],
      ['bin/python', '-m', 'pip', 'install', '-q', '--disable-pip-version-check', 'mcp==2.3.0'],
    ],
  },
};

/** The folder of a tool in the cache of the person, where it is installed once. */
function cached(name: string, version: string, commands: string[][]): string {
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'omoios/test-tools');
  mkdirSync(cache, { recursive: true });
  const folder = path.join(cache, `${name}-${version}`);
  if (!existsSync(folder)) {
    const fresh = mkdtempSync(path.join(cache, '.fresh-'));
    for (const command of commands) runIn(fresh, command, process.env);
    renameSync(fresh, folder);
  }
  return folder;
}

/** The folder of a library's environment of Python. */
export function toolFolder(name: keyof typeof clientLibraries): string {
  const { version, commands } = clientLibraries[name];
  return cached(name, version, commands);
}

/**
 * Installs the tools that this machine lacks, once. They lie in the cache of the person: a command in a sandbox has a
 * /tmp of its own and sees no tool in it.
 * @returns the PATH with them.
 */
export function withTools(): string {
  let searchPath = process.env.PATH ?? '';
  for (const { name, version, commands, bin } of installed) {
    if (isOn(searchPath, name)) continue;
    const folder = cached(name, version, commands);
    searchPath = `${searchPath}:${path.join(folder, bin)}`;
  }
  return searchPath;
}

const clients =
  /_CERT(S|_FILE)?$|_CA(INFO|_BUNDLE)$|_PROXY$|^(PIP|UV|CARGO|RUSTUP)_|^GO(PROXY|SUMDB|NO\w+)$|^npm_config_registry$/i;

/** The settings by which package clients of this machine reach their registries. The sandbox reads them from the stack. */
export const clientSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (clients.test(name) && value ? [[name, value]] : [])),
  );
