import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { createProject } from '#server/contracts/projects.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { cancelSpec, launchSpec } from '#server/contracts/specs.ts';
import { cancelTicket, createTicket } from '#server/contracts/tickets.ts';
import { CliError, type Client } from '../cli/client.ts';
import { newestEvent } from '../cli/commands/feature.ts';
import { FeatureWatch } from '../cli/watch-feature.ts';
import type { Scorer } from './score.ts';
import type { EvaluationTask } from './tasks.ts';

export interface PlayOptions {
  mode: 'quick' | 'spec_driven';
  budget_usd: number;
  /** Folder for the repositories. */
  work: string;
}

export interface Result {
  instance_id: string;
  resolved: boolean;
  /** resolved; wrong: the pull request does not pass the hidden tests; otherwise why there is no pull request. */
  cause: string;
  detail: string | null;
  cost_usd: number;
  turns: number;
  minutes: number;
}

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** A repository whose only branch is `main` at the base: later commits could show the solution. */
function repositoryAtBase(task: EvaluationTask, work: string): string {
  const folder = path.join(work, task.instance_id);
  try {
    git(work, 'clone', '-q', '--no-hardlinks', '--no-checkout', task.repo, folder);
    git(folder, 'checkout', '-q', '-B', 'main', task.base_commit);
  } catch (error) {
    throw new CliError(`${task.instance_id}: ${(error as { stderr?: string }).stderr ?? String(error)}`, 2);
  }
  git(folder, 'remote', 'remove', 'origin');
  const others = git(folder, 'for-each-ref', '--format=%(refname)').split('\n');
  for (const ref of others) if (ref !== 'refs/heads/main') git(folder, 'update-ref', '-d', ref);
  git(folder, 'reflog', 'expire', '--expire=now', '--all');
  git(folder, 'gc', '-q', '--prune=now');
  return folder;
}

/** Has one task done by the running OmoiOS, from its text to a pull request, and runs the hidden tests on that. */
export async function play(
  client: Client,
  scorer: Scorer,
  task: EvaluationTask,
  { mode, budget_usd, work }: PlayOptions,
): Promise<Result> {
  const began = Date.now();
  const result = (cause: string, detail: string | null, cost_micros = 0, turns = 0): Result => ({
    instance_id: task.instance_id,
    resolved: cause === 'resolved',
    cause,
    detail,
    cost_usd: cost_micros / 1e6,
    turns,
    minutes: (Date.now() - began) / 60_000,
  });
  const folder = repositoryAtBase(task, work);
  const setup = task.setup ?? [];
  const sound = await scorer.score(task, folder, 'main', setup, 'fail');
  if (!sound.resolved) return result('invalid_task', sound.problem ?? null);

  const { id: project_id } = await client.call(createProject, {
    body: { name: task.instance_id, repository: { path: folder }, settings: task.setup ? { setup } : {} },
  });
  const [title = task.instance_id] = task.problem_statement.trim().split('\n');
  const feature = { project_id, title: title.slice(0, 100), description: task.problem_statement, budget_usd };
  const after = await newestEvent(client);
  const subject: { spec_id?: string; ticket_id?: string } = {};
  if (mode === 'spec_driven') {
    const body = { ...feature, gate_policy: { mode: 'auto' as const }, force: true };
    subject.spec_id = (await client.call(launchSpec, { body })).spec_id;
  } else {
    const body = { ...feature, workflow_mode: 'quick' as const, force_create: true };
    const ticket = await client.call(createTicket, { body });
    if (!('id' in ticket)) throw new CliError(ticket.message);
    subject.ticket_id = ticket.id;
  }
  const finished = await new FeatureWatch(client, subject, true).until(after);
  const runs = await client.all(listRuns, { query: subject });
  const turns = runs.reduce((sum, run) => sum + run.turn, 0);
  const { pull_request: pull, cost_micros } = finished;
  if (!pull) {
    // Nobody answers here: work that waits for a person is ended.
    const params = { id: subject.spec_id ?? subject.ticket_id ?? '' };
    await client.call(subject.spec_id ? cancelSpec : cancelTicket, { params, body: {} }).catch(() => undefined);
    const stopped = runs.find((run) => run.stop_reason && run.stop_reason !== 'completed');
    return result(stopped?.stop_reason ?? finished.outcome, finished.message, cost_micros, turns);
  }
  const score = await scorer.score(task, folder, pull.branch, setup, 'pass');
  return result(score.resolved ? 'resolved' : 'wrong', score.problem ?? null, cost_micros, turns);
}
