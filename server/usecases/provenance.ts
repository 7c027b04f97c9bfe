import type { BlamedLine } from '#activities/ports/repositories.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { TicketCommit } from '#prisma/store/commits.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Call } from '../http/context.ts';
import { pullBase } from './reviews.ts';

/** The link of a commit that says most: the one that names the run, then the one that names the task. */
const best = (links: TicketCommit[]): TicketCommit | undefined =>
  links.find(({ run_id }) => run_id) ?? links.find(({ task_id }) => task_id) ?? links[0];

/**
 * The turns of a run in which lines of a file were written, by the line's number in the commit of the run. The
 * checkpoints of a run are a chain of commits, one a turn; the one with the same file is blamed. Empty where the run
 * has none.
 */
async function turnsOf({ services }: Call, projectId: string, runId: string, of: { sha: string; path: string }) {
  const { store, repositories } = services;
  const checkpoints = await store.toolCalls.checkpoints(runId);
  const turns = new Map<number, number>();
  const first = checkpoints[0];
  if (!first) return turns;
  const tree = await repositories.treeOf(projectId, of.sha);
  const same = checkpoints.findLast((one) => one.tree === tree);
  if (!same || !(await repositories.resolve(projectId, same.sha))) return turns;
  const turnOf = new Map(checkpoints.map(({ sha, turn }) => [sha, turn]));
  for (const { line, sha } of await repositories.blame(projectId, first.parent_sha, same.sha, of.path)) {
    const turn = turnOf.get(sha);
    if (turn !== undefined) turns.set(line, turn);
  }
  return turns;
}

/** Where the lines come from that the commit of this one wrote. */
async function sourceOf(call: Call, pull: PullRequest, { sha, original }: BlamedLine) {
  const { services, organization_id } = call;
  const { store, repositories, redact } = services;
  const [commit, links] = await Promise.all([
    repositories.commit(pull.project_id, sha),
    store.commits.beginning(organization_id, sha, pull.project_id, 20),
  ]);
  const link = best(links);
  const [ticket, [task], turns] = await Promise.all([
    link && store.tickets.get(organization_id, link.ticket_id),
    link?.task_id ? store.tasks.byIds([link.task_id]) : [],
    link?.run_id
      ? turnsOf(call, pull.project_id, link.run_id, { sha, path: original.path })
      : new Map<number, number>(),
  ]);
  const named = (row: { id: string; key: string; title: string }) => ({ id: row.id, key: row.key, title: row.title });
  return {
    turns,
    source: {
      sha,
      subject: redact(oneLine(commit?.subject ?? '')),
      ticket: ticket ? named(ticket) : null,
      task: task ? named(task) : null,
      run_id: link?.run_id ?? null,
      requirements: task?.requirements ?? [],
    },
  };
}

/** Where the new lines of a file come from, as ranges of lines with one source. */
export async function provenance(call: Call, id: string, path: string) {
  const { services, organization_id } = call;
  const pull = await services.store.pullRequests.get(organization_id, id);
  const base = await pullBase(services, pull);
  const lines = await services.repositories.blame(pull.project_id, base, pull.head_sha, path);
  const sources = new Map<string, Awaited<ReturnType<typeof sourceOf>>>();
  for (const line of lines) if (!sources.has(line.sha)) sources.set(line.sha, await sourceOf(call, pull, line));
  const items: (Awaited<ReturnType<typeof sourceOf>>['source'] & {
    from_line: number;
    to_line: number;
    turn: number | null;
  })[] = [];
  for (const { line, sha, original } of lines) {
    const found = sources.get(sha);
    if (!found) continue;
    const turn = found.turns.get(original.line) ?? null;
    const before = items.at(-1);
    if (before?.to_line === line - 1 && before.sha === sha && before.turn === turn) before.to_line = line;
    else items.push({ from_line: line, to_line: line, turn, ...found.source });
  }
  return { path, head_sha: pull.head_sha, items };
}
