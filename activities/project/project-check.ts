import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { SandboxError } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { givenUp } from '../support/heartbeat.ts';
import { checkSandboxId, ensureCheckSandbox } from './check-sandbox.ts';

export interface ProjectCheck {
  /** undefined: no check was found in the project. */
  command?: string;
  passed: boolean;
  exit_code: number | null;
  /** The end of its output. */
  output: string;
}

export interface ProjectCommands {
  setup: string[];
  checks: string[];
  network: 'none' | 'setup' | 'full';
}

const tailBytes = 12_000;
/** Files from which the commands for set-up and checks are derived. */
const projectFiles = [
  'package.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'package-lock.json',
  'pyproject.toml',
  'pytest.ini',
  'setup.cfg',
  'go.mod',
  'Cargo.toml',
  'Makefile',
];

const anyRecord = z.record(z.string(), z.unknown()).catch({});
/** A package.json may hold any value: a part that is not as npm wants it counts as absent. */
const packageSchema = z
  .object({
    scripts: z.object({ test: z.string().optional().catch(undefined) }).catch({}),
    dependencies: anyRecord,
    devDependencies: anyRecord,
  })
  .catch({ scripts: {}, dependencies: {}, devDependencies: {} });

/** The commands that set up and check a project: from its settings, otherwise from its files at a commit. */
export async function projectCommands(
  services: Pick<Services, 'repositories' | 'store'>,
  organizationId: string,
  projectId: string,
  sha: string,
): Promise<ProjectCommands> {
  const [project, files] = await Promise.all([
    services.store.projects.get(organizationId, projectId),
    services.repositories.readFiles(projectId, sha, projectFiles),
  ]);
  const { settings } = project;
  const setup: string[] = [];
  const checks: string[] = [];
  const packageJson = files.get('package.json');
  if (packageJson) {
    const { scripts, dependencies, devDependencies } = packageSchema.parse(parseJson(packageJson));
    if (scripts.test && !/no test specified/.test(scripts.test)) checks.push('npm test');
    if (Object.keys({ ...dependencies, ...devDependencies }).length > 0) {
      if (files.has('pnpm-lock.yaml')) setup.push('pnpm install --frozen-lockfile');
      else if (files.has('yarn.lock')) setup.push('yarn install --frozen-lockfile');
      else setup.push(files.has('package-lock.json') ? 'npm ci' : 'npm install --no-save');
    }
  }
  if (['pyproject.toml', 'pytest.ini', 'setup.cfg'].some((name) => files.has(name)))
    checks.push('python3 -m pytest -q');
  if (files.has('go.mod')) checks.push('go test ./...');
  if (files.has('Cargo.toml')) checks.push('cargo test');
  if (checks.length === 0 && /^test:/m.test(files.get('Makefile') ?? '')) checks.push('make test');
  return { setup: settings.setup ?? setup, checks: settings.checks ?? checks, network: settings.network ?? 'setup' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}

/** Runs a command in a sandbox to its end. Its name makes a repeated activity wait for the first command. */
async function runNamed(
  services: Services,
  sandboxId: string,
  jobId: string,
  command: string,
  options: { network: 'none' | 'full'; timeoutMs: number; signal?: AbortSignal },
): Promise<{ exit_code: number | null; output: string }> {
  const { sandbox } = services;
  await sandbox.startCommand(sandboxId, {
    job_id: jobId,
    command,
    network: options.network,
    env: { CI: '1', NO_COLOR: '1' },
  });
  const state = await sandbox.waitCommand(sandboxId, jobId, { timeoutMs: options.timeoutMs, signal: options.signal });
  // Only the wait was aborted; the command may still succeed.
  if (state.state === 'running' && options.signal?.aborted) throw givenUp(`${command} was left.`);
  const read = await sandbox.readOutput(sandboxId, jobId, { headBytes: 2000, tailBytes });
  const output = services.redact(Buffer.concat([read.head, read.tail]).toString('utf8'));
  if (state.state === 'running') {
    await sandbox.killCommand(sandboxId, jobId);
    return { exit_code: null, output: `${output}\n(ended after ${Math.round(options.timeoutMs / 1000)} s)` };
  }
  // A command that ended with its sandbox is not a result of the project.
  const killed = (state.exit_code ?? 0) >= 128 && (await sandbox.status(sandboxId)) !== 'running';
  if (state.state === 'lost' || killed)
    throw new SandboxError('lost', `The sandbox of "${command}" ended before the command.`);
  return { exit_code: state.exit_code ?? null, output };
}

/** Runs the project's set-up commands in a sandbox. By default only these have network access. */
export async function runSetup(
  services: Services,
  sandboxId: string,
  commands: ProjectCommands,
  signal?: AbortSignal,
): Promise<{ command: string; exit_code: number | null; output: string } | undefined> {
  const network = commands.network === 'none' ? 'none' : 'full';
  for (const [i, command] of commands.setup.entries()) {
    const result = await runNamed(services, sandboxId, `setup.${i}`, command, {
      network,
      timeoutMs: services.config.sandbox.setup_timeout * 1000,
      signal,
    });
    if (result.exit_code !== 0) return { command, ...result };
  }
  return undefined;
}

/** Runs the project's check on a commit in a clean checkout. Only its result shows that the code works. */
export async function checkCommit(
  services: Services,
  subject: { organization_id: string; project_id: string; sha: string; name: string },
  signal?: AbortSignal,
): Promise<ProjectCheck> {
  const commands = await projectCommands(services, subject.organization_id, subject.project_id, subject.sha);
  if (commands.checks.length === 0) return { passed: true, exit_code: null, output: '' };
  const id = checkSandboxId(subject.name);
  await ensureCheckSandbox(services, { id, project_id: subject.project_id, sha: subject.sha });
  try {
    const failedSetup = await runSetup(services, id, commands, signal);
    if (failedSetup)
      return {
        command: failedSetup.command,
        passed: false,
        exit_code: failedSetup.exit_code,
        output: `The project's set-up failed:\n${failedSetup.output}`,
      };
    const network = commands.network === 'full' ? 'full' : 'none';
    for (const [i, command] of commands.checks.entries()) {
      const result = await runNamed(services, id, `check.${i}`, command, {
        network,
        timeoutMs: services.config.sandbox.check_timeout * 1000,
        signal,
      });
      if (result.exit_code !== 0) return { command, passed: false, ...result };
      if (i === commands.checks.length - 1) return { command: commands.checks.join(' && '), passed: true, ...result };
    }
    return { passed: true, exit_code: 0, output: '' };
  } finally {
    // The sandbox is kept when another worker continues: the next try finds the same command.
    if (!signal?.aborted || Context.current().cancellationDetails?.cancelRequested)
      await services.sandbox.destroy(id, subject.project_id);
  }
}
