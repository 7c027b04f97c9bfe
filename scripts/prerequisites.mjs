// @ts-check
// Looks at everything a start needs before anything is installed. Plain JavaScript, because a fresh clone has no packages.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { downloadUrl, findGo, findTemporal, onPath, userCache } from '../temporal/program.mjs';

/**
 * `missing`: nothing can start without it. `warning`: a part of the product does not work.
 * @typedef {{ part: string, found: string, state: 'ok' | 'warning' | 'missing', note: string }} Finding
 */

/** MB on the disk: the packages, and Temporal with Go's caches when it must be built. */
const space = { packages: 1500, build: 3500 };

/** How a system installs packages, and its names of them. */
const managers = [
  ['apt-get', 'sudo apt-get install -y'],
  ['dnf', 'sudo dnf install -y'],
  ['apk', 'sudo apk add'],
  ['pacman', 'sudo pacman -S --noconfirm'],
  ['zypper', 'sudo zypper install -y'],
  ['brew', 'brew install'],
];

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @returns {string} the command that installs a package on this system.
 */
function installing(env, name) {
  const has = (/** @type {string} */ program) =>
    (env.PATH ?? '').split(path.delimiter).some((folder) => folder && existsSync(path.join(folder, program)));
  const manager = managers.find(([program = '']) => has(program));
  return manager ? `${manager[1]} ${name}` : `install the package ${name}`;
}

/** @param {string} file */
const readDotenv = (file) => (existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {});

/**
 * The settings that decide what a machine must have, from the environment and .env. A YAML file cannot be read without
 * packages, so one that names a Temporal server counts as if it were set.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
function settings(root, env) {
  const all = { ...readDotenv(path.join(root, '.env')), ...readDotenv(path.join(root, '.env.local')), ...env };
  const folder = path.resolve(root, all.OMOIOS_CONFIG_DIR || 'config');
  const yaml = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')) : [];
  const elsewhere = yaml.some((name) => /^\s+address:\s*\S/m.test(readFileSync(path.join(folder, name), 'utf8')));
  return {
    dataDir: path.resolve(root, all.OMOIOS_DATA_DIR || '.omoios'),
    cli: all.TEMPORAL_CLI || undefined,
    ownTemporal: !all.TEMPORAL_ADDRESS && !elsewhere,
    ports: {
      PORT: Number(all.PORT) || 3000,
      TEMPORAL_PORT: Number(all.TEMPORAL_PORT) || 7233,
      TEMPORAL_UI_PORT: Number(all.TEMPORAL_UI_PORT) || 8233,
    },
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Finding}
 */
function git(env) {
  const found = onPath('git', env);
  const [, major, minor] = /(\d+)\.(\d+)/.exec(found?.answer ?? '') ?? [];
  const recent = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 38);
  return {
    part: 'git',
    found: found?.answer ?? 'none',
    state: recent ? 'ok' : 'missing',
    note: recent ? '' : `Git 2.38 or newer is needed: ${installing(env, 'git')}`,
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} platform
 * @returns {Finding}
 */
function bubblewrap(env, platform) {
  const part = 'bubblewrap';
  const only = 'Without it only the rehearsal can run commands.';
  if (platform !== 'linux')
    return { part, found: 'none', state: 'warning', note: `Only Linux isolates commands on this machine. ${only}` };
  const found = onPath('bwrap', env);
  if (!found) return { part, found: 'none', state: 'warning', note: `${installing(env, 'bubblewrap')}. ${only}` };
  const { status } = spawnSync(found.file, ['--ro-bind', '/', '/', '--unshare-user', 'true'], { timeout: 10_000 });
  if (status === 0) return { part, found: found.answer, state: 'ok', note: '' };
  const remedy = 'Allow user namespaces: sudo sysctl -w kernel.unprivileged_userns_clone=1';
  return { part, found: found.answer, state: 'warning', note: `It may not make a user namespace. ${remedy}. ${only}` };
}

/**
 * @param {Parameters<typeof examine>[0]} options
 * @param {ReturnType<typeof settings>} set
 * @returns {Promise<Finding>}
 */
async function temporal({ env, reach = reachable }, { dataDir, cli }) {
  const part = 'temporal program';
  try {
    const found = findTemporal({ env, dataDir, cli });
    if (found) return { part, found, state: 'ok', note: '' };
  } catch (error) {
    return { part, found: String(cli), state: 'missing', note: /** @type {Error} */ (error).message };
  }
  const go = findGo(env);
  if (go) return { part, found: 'none', state: 'ok', note: 'The first start downloads it, or builds it with Go.' };
  if (await reach(downloadUrl())) return { part, found: 'none', state: 'ok', note: 'The first start downloads it.' };
  return {
    part,
    found: 'none',
    state: 'missing',
    note: 'Temporal is not installed, its download does not answer, and there is no Go 1.21 or newer to build it. Install Temporal (https://docs.temporal.io/cli, or brew install temporal) or Go (https://go.dev/dl), or set TEMPORAL_ADDRESS.',
  };
}

/** @param {string} url */
const reachable = (url) =>
  fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(3000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** @param {string} folder */
function freeMb(folder) {
  let near = folder;
  while (!existsSync(near)) near = path.dirname(near);
  const { bavail, bsize } = statfsSync(near);
  return Math.floor((bavail * bsize) / 2 ** 20);
}

/**
 * Only what is still to be installed needs space.
 * @param {Parameters<typeof examine>[0]} options
 * @param {boolean} toBuild whether Temporal is still to be downloaded or built.
 * @returns {Finding[]}
 */
function disks({ root, env, free = freeMb }, toBuild) {
  const needs = [
    ...(existsSync(path.join(root, 'node_modules/.omoios-packages')) ? [] : [{ folder: root, mb: space.packages }]),
    ...(toBuild && findGo(env) ? [{ folder: userCache(env), mb: space.build }] : []),
  ];
  return needs
    .filter(({ folder, mb }) => free(folder) < mb)
    .map(({ folder, mb }) => ({
      part: 'disk',
      found: `${free(folder)} MB free`,
      state: 'missing',
      note: `The disk of ${folder} has ${free(folder)} MB free, and the first start needs ${mb} MB. Free some space there.`,
    }));
}

/**
 * @param {number} port
 * @returns {Promise<boolean>} whether this machine's loopback address can listen there.
 */
const portIsFree = (port) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

/** @param {number} port */
function listenerOn(port) {
  const { stdout } = spawnSync('ss', ['-ltnpH', `sport = :${port}`], { encoding: 'utf8', timeout: 2000 });
  const found = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout ?? '');
  return found ? `${found[1]}, pid ${found[2]}` : 'another program';
}

/**
 * @param {number} port
 * @param {string} setting the environment variable that chooses it.
 * @returns {Promise<string | undefined>} why the port cannot be used, with the remedy; undefined when it is free.
 */
export const portProblem = async (port, setting) =>
  (await portIsFree(port))
    ? undefined
    : `Port ${port} is in use by ${listenerOn(port)}. Stop it, or set ${setting} to a free port.`;

/**
 * A data folder that was used before may have left programs on its ports, which the start adopts: it looks itself.
 * @param {ReturnType<typeof settings>} set
 * @returns {Promise<Finding[]>}
 */
async function takenPorts({ ports, dataDir, ownTemporal }) {
  if (existsSync(path.join(dataDir, 'run'))) return [];
  /** @type {Finding[]} */
  const taken = [];
  for (const [setting, port] of Object.entries(ports)) {
    const note = setting === 'PORT' || ownTemporal ? await portProblem(port, setting) : undefined;
    if (note) taken.push({ part: 'port', found: String(port), state: 'missing', note });
  }
  return taken;
}

/**
 * Examines the machine: Git, bubblewrap, Temporal or a way to get it, disk and ports. Takes less than a second where
 * Temporal or Go is installed, and at most three seconds more where the download is asked.
 * @param {{
 *   root: string,
 *   env: NodeJS.ProcessEnv,
 *   stack: boolean,
 *   listens: boolean,
 *   platform?: string,
 *   reach?: (url: string) => Promise<boolean>,
 *   free?: (folder: string) => number,
 * }} options `stack`: Temporal is needed. `listens`: the command opens ports. `reach` and `free` ask the network and the disk.
 * @returns {Promise<Finding[]>}
 */
export async function examine(options) {
  const { env, platform = process.platform } = options;
  const set = settings(options.root, env);
  const wanted = options.stack && set.ownTemporal;
  const program = wanted ? await temporal(options, set) : undefined;
  return [
    git(env),
    bubblewrap(env, platform),
    ...(program ? [program] : []),
    ...disks(options, program?.found === 'none'),
    ...(options.listens ? await takenPorts(set) : []),
  ];
}

/**
 * What is wrong, one line each, for a person.
 * @param {Finding[]} findings
 * @param {Finding['state']} state
 */
export const notesOf = (findings, state) =>
  findings.filter((finding) => finding.state === state).map(({ part, note }) => `  ${part}: ${note}`);
