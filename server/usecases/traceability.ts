import { designOf, holesOf } from '#workflows/domain/phases/holes.ts';
import { traceability } from '#workflows/domain/phases/traceability.ts';
import type { Call } from '../http/context.ts';

/** Most commits of one answer. */
const mostCommits = 2000;

/** Requirement x design x ticket x task x test x commit of a spec, with what is missing on the way (PLAN-14). */
export async function specTraceability({ services, organization_id }: Call, id: string) {
  const { store, redact } = services;
  const { project_id } = await store.specs.get(organization_id, id);
  const [outputs, stored, tasks, tickets] = await Promise.all([
    store.specs.outputs(id),
    store.specs.requirements(id),
    store.tasks.ofSpec(id),
    store.tickets.ofSpec(id),
  ]);
  const ids = tasks.map((task) => task.id);
  const commits = await store.commits.ofTasks(organization_id, ids, mostCommits);
  const { requirements, design, tasks: plan } = outputs;
  const trace = traceability(requirements, plan);
  const onBoard = new Map(tasks.map((task) => [task.local_id, task]));
  const keys = new Map(tickets.map((ticket) => [ticket.local_id, ticket]));
  const proofs = new Map(stored.flatMap((row) => row.criteria.map((criterion) => [criterion.key, criterion])));
  const planned = new Map(plan?.tasks.map((task) => [task.id, task.title]));
  const rows = trace.matrix.map((row) => {
    const requirement = requirements?.requirements.find((one) => one.id === row.requirement_id);
    const own = row.covered_by_tasks.map((local) => ({ local, task: onBoard.get(local) }));
    const made = commits.filter((commit) => own.some(({ task }) => task?.id === commit.task_id));
    const tests = (requirement?.acceptance_criteria ?? []).map((criterion) => ({
      criterion_id: criterion.id ?? '',
      text: criterion.text,
      check: criterion.check ?? null,
      completed: proofs.get(criterion.id ?? '')?.completed ?? false,
    }));
    const parts = requirement ? designOf(requirement, row.covered_by_tasks, design, plan) : [];
    return {
      requirement_id: row.requirement_id,
      requirement_title: row.requirement_title,
      status: row.status,
      design: parts,
      tickets: row.covered_by_tickets.map((local) => {
        const ticket = keys.get(local);
        return { id: local, ticket_id: ticket?.id ?? null, key: ticket?.key ?? null, title: ticket?.title ?? null };
      }),
      tasks: own.map(({ local, task }) => ({
        id: local,
        task_id: task?.id ?? null,
        key: task?.key ?? null,
        title: task?.title ?? planned.get(local) ?? null,
        status: task?.status ?? null,
      })),
      tests,
      commits: [...new Map(made.map((commit) => [commit.sha, commit])).values()].map((commit) => ({
        sha: commit.sha,
        subject: redact(commit.message.split('\n')[0] ?? ''),
        task_id: commit.task_id,
        insertions: commit.insertions,
        deletions: commit.deletions,
      })),
      holes: holesOf({
        design: design && plan ? parts.length : undefined,
        tasks: plan ? own.length : undefined,
        criteria: tests.length,
        tested: tests.filter(({ check, completed }) => check !== null || completed).length,
        done: own.length > 0 && own.every(({ task }) => task?.status === 'completed'),
        commits: made.length,
      }),
    };
  });
  return { project_id, coverage_percent: trace.coverage_percent, orphans: trace.orphans, rows };
}
