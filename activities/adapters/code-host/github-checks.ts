import { RequestError } from '@octokit/request-error';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { cutEnd, cutStart } from '#workflows/domain/text.ts';
import type { HostCheck } from '../../ports/code-host.ts';
import { limitedFor } from './github-client.ts';
import { allRows, type GithubRepository } from './github-remarks.ts';

const mostNamed = 10;
const passing = ['success', 'neutral', 'skipped'];
/** Failed checks whose output is read, and characters of each log. */
const mostRead = 5;
const mostLog = 6000;

interface Listed extends Omit<HostCheck, 'output'> {
  /** What its app says of it. */
  said: string;
  /** Of a job of GitHub Actions, which has a log. */
  job_id?: number;
}

/** Undefined where the token may not read it, and where GitHub has it no more; a limit of requests is no such refusal. */
async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (!(error instanceof RequestError) || ![403, 404, 410].includes(error.status)) throw error;
    if (limitedFor(error) !== undefined) throw error;
    return undefined;
  });
}

const stateOf = (conclusion: string | null): HostCheck['state'] =>
  conclusion === null ? 'pending' : passing.includes(conclusion) ? 'passed' : 'failed';

/** The newest check of each name, of apps and of statuses. Empty where the token may not read them. */
async function listChecks({ client, owner, repo }: GithubRepository, sha: string): Promise<Listed[]> {
  const at = { owner, repo, ref: sha };
  const { checks, repos } = client.rest;
  const runs = await unlessRefused(
    allRows(async (page) => ({ data: (await checks.listForRef({ ...at, ...page })).data.check_runs })),
  );
  const statuses = await unlessRefused(
    allRows(async (page) => ({ data: (await repos.getCombinedStatusForRef({ ...at, ...page })).data.statuses })),
  );
  const ofRuns = (runs ?? []).map((run): Listed => {
    const { title, summary, text } = run.output;
    return {
      name: run.name,
      state: stateOf(run.conclusion),
      url: run.html_url,
      said: [title, summary, text].filter(Boolean).join('\n'),
      ...(run.app?.slug === 'github-actions' ? { job_id: run.id } : {}),
    };
  });
  const ofStatuses = (statuses ?? []).map(({ context: name, state, target_url: url, description }): Listed => ({
    ...{ name, url, said: description ?? '' },
    state: state === 'success' ? 'passed' : state === 'pending' ? 'pending' : 'failed',
  }));
  return [...ofRuns, ...ofStatuses];
}

/** The end of a job's log; '' where it cannot be read. */
async function logOf({ client, owner, repo }: GithubRepository, jobId: number): Promise<string> {
  const answer = await unlessRefused(client.rest.actions.downloadJobLogsForWorkflowRun({ owner, repo, job_id: jobId }));
  const { data } = answer ?? {};
  const text = data instanceof ArrayBuffer ? Buffer.from(data).toString() : typeof data === 'string' ? data : '';
  return cutEnd(text, mostLog);
}

/** The checks of a commit. Those that failed have their output once all have ended. */
export async function readChecks(repository: GithubRepository, sha: string): Promise<HostCheck[]> {
  const listed = await listChecks(repository, sha);
  const ended = listed.every(({ state }) => state !== 'pending');
  const failed = listed.filter(({ state }) => state === 'failed').slice(0, mostRead);
  const checks: HostCheck[] = [];
  for (const check of listed) {
    const { said, job_id: job, ...shown } = check;
    const log = ended && failed.includes(check) && job !== undefined ? await logOf(repository, job) : '';
    const output = failed.includes(check) ? [cutStart(said, mostLog), log].filter(Boolean).join('\n\n') : '';
    checks.push({ ...shown, output });
  }
  return checks;
}

/** The checks of a commit that have not passed, in a sentence; empty where there are none. */
export async function openChecks(repository: GithubRepository, sha: string): Promise<string> {
  const open = (await listChecks(repository, sha)).filter(({ state }) => state !== 'passed');
  const named = open
    .slice(0, mostNamed)
    .map(({ name, state }) => `"${cutStart(oneLine(name), 80)}" ${state === 'failed' ? 'fails' : 'has not ended'}`);
  const more = open.length > mostNamed ? `, and ${open.length - mostNamed} more` : '';
  return named.length > 0 ? `Its checks: ${named.join(', ')}${more}.` : '';
}
