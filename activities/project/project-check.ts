import { Context } from '@temporalio/activity';
import { z } from 'zod';
import type { Services } from '../ports/services.ts';
import { checkSandboxId, ensureCheckSandbox } from './check-sandbox.ts';
import { runNamed, setUp } from './set-up.ts';

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
  network: 'none' | 'setup' | 'registries' | 'full';
}

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
    const failedSetup = await setUp(services, { ...subject, sandbox_id: id, keep: false }, commands, signal);
    if (failedSetup)
      return {
        command: failedSetup.command,
        passed: false,
        exit_code: failedSetup.exit_code,
        output: `The project's set-up failed:\n${failedSetup.output}`,
      };
    const network = commands.network === 'setup' ? 'none' : commands.network;
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
