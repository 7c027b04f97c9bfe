/**
 * `npm run environments -- FOLDER...`: has the running OmoiOS survey each repository in a folder, and prints what it
 * found. A folder that is no repository, such as an unpacked package, becomes one in a copy.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { rootDir } from '#activities/services/config.ts';
import { getEnvironment, surveyProject } from '#server/contracts/environment.ts';
import { createProject, updateProject } from '#server/contracts/projects.ts';
import { CliError, Client } from './cli/client.ts';
import { environmentLines, type Environment } from './cli/environment-lines.ts';
import { say, table } from './cli/screen.ts';

const cache = path.join(rootDir, '.cache', 'environments');
const isRepository = (folder: string) => existsSync(path.join(folder, '.git')) || existsSync(path.join(folder, 'HEAD'));

/** The folder itself where it is a repository, else a copy of it with one commit. */
function repositoryOf(folder: string): string {
  if (isRepository(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const copy = mkdtempSync(path.join(cache, `${path.basename(folder)}-`));
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', copy, '-c', 'user.name=OmoiOS', '-c', 'user.email=omoios@localhost', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  git('init', '-q', '-b', 'main');
  git('add', '-A', '-f');
  git('commit', '-q', '--allow-empty', '-m', 'Unpack');
  return copy;
}

/** The folder, or each folder in it where it is neither a repository nor a project. */
function repositoriesIn(folder: string): string[] {
  if (!existsSync(folder)) throw new CliError(`${folder} does not exist.`, 2);
  const inside = readdirSync(folder).map((name) => path.join(folder, name));
  const folders = inside.filter((one) => statSync(one).isDirectory());
  return isRepository(folder) || folders.length < inside.length ? [folder] : folders;
}

async function survey(client: Client, folder: string): Promise<Environment> {
  const project = await client.call(createProject, {
    body: { name: path.basename(folder), repository: { path: repositoryOf(folder), allow_dirty: true } },
  });
  const params = { id: project.id };
  let now = await client.call(getEnvironment, { params });
  // A new project is surveyed by itself where OmoiOS is set so. A request would end that survey, and begin another one.
  for (let seconds = 0; now.state === 'none' && seconds < 20; seconds += 1) {
    await sleep(1000);
    now = await client.call(getEnvironment, { params });
  }
  if (now.state === 'none') await client.call(surveyProject, { params });
  while (now.state === 'none' || now.state === 'surveying') {
    await sleep(1000);
    now = await client.call(getEnvironment, { params });
  }
  await client.call(updateProject, { params, body: { status: 'archived' } });
  return now;
}

function row(folder: string, { state, roots, started_at, ended_at }: Environment): string[] {
  const checks = roots.flatMap((root) => root.checks);
  const count = (of: (check: (typeof checks)[number]) => number) => checks.reduce((sum, check) => sum + of(check), 0);
  const seconds = (Date.parse(ended_at ?? '') - Date.parse(started_at ?? '')) / 1000;
  return [
    path.basename(folder),
    roots.map(({ kind }) => kind).join(', '),
    state,
    String(count(({ tests }) => tests ?? 0)),
    String(count(({ failing_tests }) => failing_tests.length)),
    String(count(({ flaky_tests }) => flaky_tests.length)),
    `${seconds.toFixed(0)} s`,
    roots.flatMap(({ missing }) => missing.map(({ what }) => what)).join('; '),
  ];
}

const program = new Command('environments')
  .description('survey repositories with the running OmoiOS')
  .argument('<folders...>', 'repositories, unpacked packages, or folders of them')
  .option('--api <url>', 'address of OmoiOS')
  .action(async (folders: string[], options: { api?: string }) => {
    const client = new Client({ api: options.api });
    const rows: string[][] = [];
    for (const folder of folders.flatMap((one) => repositoriesIn(path.resolve(one)))) {
      say(`\n# ${folder}`);
      try {
        const environment = await survey(client, folder);
        rows.push(row(folder, environment));
        say(environmentLines(environment).join('\n'));
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        rows.push([path.basename(folder), '', 'refused', '', '', '', '', error.message]);
        say(error.message);
      }
    }
    say(`\n${table([['repository', 'kinds', 'state', 'tests', 'failing', 'flaky', 'time', 'missing'], ...rows])}`);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof CliError ? error.message : error);
  process.exitCode = error instanceof CliError ? error.exitCode : 1;
}
