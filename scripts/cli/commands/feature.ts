import { wakers, type Waker } from '#workflows/domain/notifications/kinds.ts';
import path from 'node:path';
import { existsSync, realpathSync } from 'node:fs';
import type { Command } from 'commander';
import { newestEvent as newestEventContract } from '#server/contracts/events.ts';
import { forecastCost } from '#server/contracts/costs.ts';
import { createProject, listProjects } from '#server/contracts/projects.ts';
import type { Answer, Input } from '#server/contracts/client.ts';
import { launchSpec } from '#server/contracts/specs.ts';
import { createTicket } from '#server/contracts/tickets.ts';
import { oneOf } from '../arguments.ts';
import { CliError, type Client } from '../client.ts';
import { money, paint, say } from '../screen.ts';
import { exitCodes, FeatureWatch } from '../watch-feature.ts';
import type { CliContext } from '../context.ts';
import { planKinds, type PlanKind } from '#workflows/domain/phases/gate-policy.ts';
import { cutStart } from '#workflows/domain/text.ts';

interface Options {
  repo: string;
  mode: string;
  gates: string;
  plan?: string;
  budget?: string;
  wait?: boolean;
  stopAt?: string;
  forbid?: string[];
  raise?: string;
  wakeMe?: string[];
  force?: boolean;
}

const modes = ['quick', 'spec_driven'] as const;
type GatePolicy = Input<typeof launchSpec>['body']['gate_policy'];
type Night = Input<typeof launchSpec>['body']['night'];

function gatePolicy(text: string): GatePolicy {
  const [mode = '', score] = text.split('=');
  if (mode === 'auto' || mode === 'ask') return { mode };
  const above = Number(score);
  if (mode === 'auto_above' && score !== undefined && above >= 0 && above <= 1) return { mode, score: above };
  throw new CliError(`--gates must be auto, ask or auto_above=0.85, not ${text}.`, 2);
}

/** A time such as 07:00, the next one of this machine's clock, or an ISO time. */
function stopTime(text: string): string {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const at = new Date(hours === undefined ? text : Date.now());
  if (Number.isNaN(at.getTime()))
    throw new CliError(`--stop-at must be a time such as 07:00 or 2030-01-31T07:00:00Z, not ${text}.`, 2);
  if (hours !== undefined) {
    at.setHours(Number(hours), Number(minutes), 0, 0);
    if (at.getTime() <= Date.now()) at.setDate(at.getDate() + 1);
  }
  return at.toISOString();
}

function nightOf({ stopAt, forbid, raise, wakeMe }: Options): Night {
  if ([stopAt, forbid, raise, wakeMe].every((option) => option === undefined)) return undefined;
  const unknown = wakeMe?.find((event) => !wakers.some((waker) => waker === event));
  if (unknown !== undefined) throw new CliError(`--wake-me must be ${wakers.join(', ')}, not ${unknown}.`, 2);
  if (raise !== undefined && !(Number(raise) >= 0 && raise.trim() !== ''))
    throw new CliError(`--raise must be an amount of dollars such as 2.50, not ${raise}.`, 2);
  return {
    stop_at: stopAt === undefined ? undefined : stopTime(stopAt),
    forbidden_paths: forbid,
    raise_usd: raise === undefined ? undefined : Number(raise),
    wake_me: wakeMe as Waker[] | undefined,
  };
}

/** Finds the project of a repository, or creates it. */
export async function projectFor(client: Client, repo: string, force = false): Promise<Answer<typeof createProject>> {
  const isUrl = /^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:/.test(repo);
  const named = path.resolve(repo);
  if (isUrl && !URL.canParse(repo.replace(/^([\w.-]+@[\w.-]+):/, 'ssh://$1/')))
    throw new CliError(`--repo must be a folder or a URL such as https://host/name.git, not ${repo}.`, 2);
  if (!isUrl && !existsSync(named)) throw new CliError(`The folder ${named} does not exist.`, 2);
  // A repository that is reached through a link is the same one.
  const folder = isUrl ? named : realpathSync(named);
  const projects = await client.all(listProjects, { query: { status: 'active' } });
  const known = projects.find(({ repository }) => (isUrl ? repository.url === repo : repository.path === folder));
  if (known) return known;
  const name = path
    .basename(isUrl ? new URL(repo.replace(/^([\w.-]+@[\w.-]+):/, 'ssh://$1/')).pathname : folder)
    .replace(/\.git$/, '');
  return client.call(createProject, {
    body: {
      name: name || 'project',
      repository: isUrl ? { url: repo } : { path: folder, ...(force ? { allow_dirty: true } : {}) },
    },
  });
}

/** Starts a feature in either mode. @returns the id of its spec or ticket. */
async function startFeature(
  client: Client,
  mode: 'quick' | 'spec_driven',
  feature: Pick<Input<typeof launchSpec>['body'], 'project_id' | 'title' | 'description' | 'budget_usd'>,
  options: { policy: GatePolicy; plan: PlanKind | undefined; night: Night; force: boolean },
): Promise<{ spec_id?: string; ticket_id?: string }> {
  const { policy: gate_policy, plan, night, force } = options;
  if (mode === 'spec_driven') {
    const body = { ...feature, gate_policy, plan, night, force };
    return { spec_id: (await client.call(launchSpec, { body })).spec_id };
  }
  const ticket = await client.call(createTicket, {
    body: { ...feature, night, workflow_mode: 'quick', force_create: true },
  });
  if (!('id' in ticket)) throw new CliError(ticket.message);
  return { ticket_id: ticket.id };
}

export function featureCommand(program: Command, context: CliContext): void {
  program
    .command('feature <text>')
    .description('describe a feature and start the work on it')
    .requiredOption('--repo <path-or-url>', 'folder or URL of the repository')
    .option('--mode <mode>', 'quick: one task, started at once; spec_driven: planned in phases', 'spec_driven')
    .option(
      '--plan <kind>',
      "auto, compact: one session plans, or full: one session a phase; else as the project's settings say",
    )
    .option('--gates <policy>', 'auto, ask, or auto_above=0.85', 'auto')
    .option('--budget <usd>', 'hard limit of the cost in dollars')
    .option('--stop-at <time>', 'no turn begins after it: the work pauses; 07:00 or an ISO time')
    .option('--forbid <paths...>', 'files, folders and globs that no agent changes')
    .option('--raise <usd>', 'raise the limit of each run by so much, once a night')
    .option('--wake-me <events...>', `tell me at once, at night too: ${wakers.join(', ')}`)
    .option('--wait', 'show progress until the pull request is open; the exit code is the outcome')
    .option('--force', 'start even with uncommitted changes, or when the same feature is already in progress')
    .action(async (text: string, options: Options) => {
      const client = context.client();
      const mode = oneOf('--mode', options.mode, modes);
      const policy = gatePolicy(options.gates);
      const plan = options.plan === undefined ? undefined : oneOf('--plan', options.plan, planKinds);
      const night = nightOf(options);
      const budget = options.budget === undefined ? undefined : Number(options.budget);
      if (budget !== undefined && !(budget >= 0.01 && budget <= 1_000_000))
        throw new CliError(
          `--budget must be an amount of 0.01 to 1000000 dollars, such as 2.50, not ${options.budget}.`,
          2,
        );
      const project = await projectFor(client, options.repo, options.force);
      const title = cutStart(text.trim().split('\n')[0] ?? text, 100);
      const after = await newestEvent(client);
      if (!context.json) await showForecast(client, project.id, mode);
      const subject = await startFeature(
        client,
        mode,
        { project_id: project.id, title, description: text, budget_usd: budget },
        { policy, plan, night, force: options.force ?? false },
      );
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

/** What the launch is likely to cost. A key that may not read costs launches without it. */
async function showForecast(client: Client, projectId: string, mode: (typeof modes)[number]): Promise<void> {
  const body = { project_id: projectId, mode };
  const forecast = await client.call(forecastCost, { body }).catch(() => null);
  if (!forecast) return;
  const { low_micros: low, mid_micros: mid, high_micros: high, message } = forecast;
  say(`Forecast: ${money(low)} to ${money(high)}, most likely ${money(mid)}. ${message}`);
}

/** Number of the newest event, to watch the events after it. */
export async function newestEvent(client: Client): Promise<number> {
  return (await client.call(newestEventContract, {})).newest;
}
