// @ts-check
// Finds the Temporal program and Go. Plain JavaScript, because it runs before the packages are installed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** The newest version that `go install` can build (later ones carry replace directives). */
export const cliVersion = '1.5.1';

/**
 * Where to look for a program: the process environment, and the data folder. `cli` is TEMPORAL_CLI.
 * @typedef {{ env: NodeJS.ProcessEnv, dataDir: string, cli?: string | undefined }} Surroundings
 */

/**
 * The folder in which a program that was downloaded or built once is kept for all checkouts.
 * @param {Surroundings['env']} env
 * @returns {string}
 */
export const userCache = (env) => path.join(env.XDG_CACHE_HOME || path.join(env.HOME || homedir(), '.cache'), 'omoios');

/** Arguments that show that a program runs. `go --version` is not a command: it exits with 2. */
const probes = { temporal: ['--version'], go: ['version'], git: ['--version'], bwrap: ['--version'] };

/**
 * @param {string} file
 * @param {keyof typeof probes} program
 * @returns {string | undefined} what the program says about its version; undefined when it does not run.
 */
function answerOf(file, program) {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return undefined;
  }
  const { status, stdout } = spawnSync(file, probes[program], { timeout: 10_000, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * The first program of this name in PATH that runs.
 * @param {keyof typeof probes} program
 * @param {Surroundings['env']} env
 * @returns {{ file: string, answer: string } | undefined}
 */
export function onPath(program, env) {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, program);
    const answer = folder && existsSync(file) ? answerOf(file, program) : undefined;
    if (answer !== undefined) return { file, answer };
  }
  return undefined;
}

/**
 * The installed Temporal program, or undefined. It is looked for in this order: TEMPORAL_CLI, PATH, the data folder,
 * the user's cache.
 * @param {Surroundings} options
 * @returns {string | undefined}
 * @throws when TEMPORAL_CLI names a program that does not run.
 */
export function findTemporal({ env, dataDir, cli }) {
  if (cli) {
    if (answerOf(cli, 'temporal') === undefined)
      throw new Error(`TEMPORAL_CLI is ${cli}, which does not run. Point it at the temporal program, or unset it.`);
    return cli;
  }
  const kept = [path.join(dataDir, 'bin/temporal'), path.join(userCache(env), `temporal-${cliVersion}`)];
  return (
    onPath('temporal', env)?.file ?? kept.find((file) => existsSync(file) && answerOf(file, 'temporal') !== undefined)
  );
}

/**
 * A Go that can build Temporal: 1.21 or newer, which fetches the toolchain that a module asks for.
 * @param {Surroundings['env']} env
 * @returns {{ file: string, answer: string } | undefined}
 */
export function findGo(env) {
  const go = onPath('go', env);
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(go?.answer ?? '') ?? [];
  return go && (Number(major) > 1 || Number(minor) >= 21) ? go : undefined;
}

/**
 * Where Temporal publishes its program.
 * @param {string} [platform]
 * @param {string} [arch]
 */
export const downloadUrl = (platform = process.platform, arch = process.arch) =>
  `https://temporal.download/cli/archive/v${cliVersion}?platform=${platform === 'darwin' ? 'darwin' : 'linux'}&arch=${arch === 'arm64' ? 'arm64' : 'amd64'}`;
