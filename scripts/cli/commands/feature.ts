import path from 'node:path';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, type Client } from '../client.ts';
import { money, paint } from '../screen.ts';
import { exitCodes, FeatureWatch } from '../watch-feature.ts';
import type { Context } from '../context.ts';

interface Options {
  repo: string;
  mode: string;
  gates: string;
  budget?: string;
  wait?: boolean;
  force?: boolean;
}

function gatePolicy(text: string): object {
  const [mode = '', score] = text.split('=');
  if (mode === 'auto' || mode === 'ask') return { mode };
  const above = Number(score);
  if (mode === 'auto_above' && score !== undefined && above >= 0 && above <= 1) return { mode, score: above };
  throw new CliError(`--gates takes auto, ask or auto_above=0.85, not ${text}.`, 2);
}

interface Project {
  id: string;
  name: string;
  repository: { path: string | null; url: string | null };
}

/** The project that stands on a repository, made where there is none. */
export async function projectFor(client: Client, repo: string, force = false): Promise<Project> {
  const isUrl = /^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:/.test(repo);
  const repository = isUrl ? { url: repo } : { path: path.resolve(repo) };
  if (!isUrl && !existsSync(path.resolve(repo))) throw new CliError(`There is no folder ${path.resolve(repo)}.`, 2);
  let cursor = '';
  do {
    const page = await client.get<{ items: Project[]; next_cursor: string | null }>(
      `/projects?status=active&limit=200${cursor && `&cursor=${cursor}`}`,
    );
    const known = page.items.find((project) =>
      isUrl ? project.repository.url === repo : project.repository.path === repository.path,
    );
    if (known) return known;
    cursor = page.next_cursor ?? '';
  } while (cursor);
  const name = path
    .basename(isUrl ? new URL(repo.replace(/^([\w.-]+@[\w.-]+):/, 'ssh://$1/')).pathname : (repository.path as string))
    .replace(/\.git$/, '');
  return client.post<Project>('/projects', {
    name: name || 'project',
    repository: { ...repository, ...(force && !isUrl ? { allow_dirty: true } : {}) },
  });
}

export function featureCommand(program: Command, context: Context): void {
  program
    .command('feature <text>')
    .description('describe a feature and set the work going')
    .requiredOption('--repo <path-or-url>', 'the repository')
    .option('--mode <mode>', 'quick: one task at once; spec_driven: planned in phases', 'spec_driven')
    .option('--gates <policy>', 'auto, ask, or auto_above=0.85', 'auto')
    .option('--budget <usd>', 'hard limit in dollars')
    .option('--wait', 'show progress until the pull request is open; the exit code tells the outcome')
    .option('--force', 'even with uncommitted changes, or when the same is being worked on')
    .action(async (text: string, options: Options) => {
      const client = context.client();
      if (!['quick', 'spec_driven'].includes(options.mode))
        throw new CliError(`--mode takes quick or spec_driven, not ${options.mode}.`, 2);
      const policy = gatePolicy(options.gates);
      const budget = options.budget === undefined ? undefined : Number(options.budget);
      if (budget !== undefined && !(budget > 0))
        throw new CliError(`--budget takes dollars, such as 2.50, not ${options.budget}.`, 2);
      if (text.trim() === '') throw new CliError('Say what the feature is.', 2);
      const project = await projectFor(client, options.repo, options.force);
      const title = (text.trim().split('\n')[0] ?? text).slice(0, 100);
      const after = await newestEvent(client);
      const subject =
        options.mode === 'quick'
          ? {
              ticket_id: (
                await client.post<{ id: string }>('/tickets', {
                  project_id: project.id,
                  title,
                  description: text,
                  workflow_mode: 'quick',
                  force_create: true,
                  budget_usd: budget,
                })
              ).id,
            }
          : {
              spec_id: (
                await client.post<{ spec_id: string }>('/specs/launch', {
                  project_id: project.id,
                  title,
                  description: text,
                  gate_policy: policy,
                  budget_usd: budget,
                  force: options.force ?? false,
                })
              ).spec_id,
            };
      if (!options.wait) {
        context.print(
          subject,
          subject.spec_id
            ? `Spec ${subject.spec_id} has started. Watch it: ${client.base}/projects/${project.id}/specs/${subject.spec_id}`
            : `Ticket ${subject.ticket_id} has started.`,
        );
        return;
      }
      const finished = await new FeatureWatch(client, subject, context.json).until(after);
      context.print(
        { ...subject, ...finished },
        `\n${finished.outcome === 'pr' ? paint('green', finished.message) : paint('yellow', finished.message)}\nCost ${money(finished.cost_micros)}`,
      );
      process.exitCode = exitCodes[finished.outcome];
    });
}

/** Number of the newest event: what comes after it is news. */
export async function newestEvent(client: Client): Promise<number> {
  return (await client.get<{ newest: number }>('/events/newest')).newest;
}
