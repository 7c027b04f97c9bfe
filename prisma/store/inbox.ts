import type { Severity } from '#workflows/domain/notifications/kinds.ts';
import type { PrismaClient } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { pullRequestRow, questionRow, type PullRequest } from './json.ts';

/** Most items of each kind. */
const most = 50;

interface Item {
  /** Id of the record of that kind. */
  id: string;
  title: string;
  reason: string;
  priority: Severity;
  /** Unfinished tasks that cannot go on before it is answered. */
  blocks: number;
  since: Date;
  spec_id: string | null;
  run_id: string | null;
  /** Of a gate: its phase. */
  phase: string | null;
  head_sha: string | null;
  /** Of a question: the answers to choose from. */
  options: string[];
}

export interface WorkItem extends Item {
  kind: 'gate' | 'spec' | 'question' | 'run' | 'ticket' | 'approval' | 'pull_request' | 'handoff';
  project_id: string;
}

interface AgentItem extends Item {
  kind: 'agent' | 'alert';
  /** Null: it is of no project alone. */
  project_id: string | null;
}

export type InboxItem = WorkItem | AgentItem;

/** The run waits for the end of its provider's pause. */
const isHeld = (
  run: { provider: string; status: string; waiting_reason: string | null },
  pause: { provider: string; message: string },
) => run.status === 'paused' && run.provider === pause.provider && run.waiting_reason === pause.message;

interface OpenTask {
  id: string;
  depends_on: string[];
  spec_id: string | null;
  ticket_id: string;
}

/** Tasks that wait for one of these, directly or by others; these count too. */
function waitingFor(first: string[], tasks: OpenTask[]): number {
  const known = new Set(first);
  for (let before = -1; before !== known.size;) {
    before = known.size;
    for (const { id, depends_on } of tasks) if (depends_on.some((one) => known.has(one))) known.add(id);
  }
  return tasks.filter(({ id }) => known.has(id)).length;
}

async function openTasks(db: PrismaClient, organizationId: string): Promise<OpenTask[]> {
  return db.task.findMany({
    where: { organization_id: organizationId, ended_at: null },
    select: { id: true, depends_on: true, spec_id: true, ticket_id: true },
    take: 5000,
  });
}

/** Handoffs that a person answers: the agent that is asked runs on the platform. */
async function openHandoffs(db: PrismaClient, organizationId: string) {
  const threads = await db.collaborationThread.findMany({
    where: { organization_id: organizationId, kind: 'handoff', status: 'active', task_id: { not: null } },
    orderBy: { created_at: 'asc' },
    take: most,
  });
  if (threads.length === 0) return [];
  const [agents, tasks] = await Promise.all([
    db.agent.findMany({ where: { id: { in: threads.flatMap(({ participants }) => participants) } } }),
    db.task.findMany({ where: { id: { in: threads.map(({ task_id: id }) => id ?? '') }, ended_at: null } }),
  ]);
  return threads.flatMap((thread) => {
    const [from, to] = thread.participants.map((id) => agents.find((agent) => agent.id === id));
    const task = tasks.find(({ id }) => id === thread.task_id);
    // One that has lost the task meanwhile has nothing to hand over.
    if (!from || !to || to.elsewhere || task?.agent_id !== from.id) return [];
    return [{ thread, task, from: from.name, to: to.name }];
  });
}

const ranks = { critical: 0, high: 1, normal: 2, low: 3 };

/** What its code host waits for before it merges a pull request. */
const waitOf = ({ host_state: { merge } }: PullRequest) => (merge?.ended === undefined ? merge?.waits_for : undefined);

/** Everything that waits for a person (WEB-19). */
export function inboxStore(core: StoreCore) {
  return {
    /** What blocks most and waits longest first, within its priority. */
    items: (organizationId: string): Promise<InboxItem[]> =>
      core.read(async (db) => {
        const ours = { organization_id: organizationId };
        const oldest = { orderBy: { created_at: 'asc' }, take: most } as const;
        const [specs, unanswered, runs, pauses, tickets, approvals, pulls, agents, handoffs, alerts] =
          await Promise.all([
            db.spec.findMany({ where: { ...ours, waiting_for: { in: ['gate', 'person'] } }, ...oldest }),
            db.question.findMany({ where: { ...ours, answered_at: null }, ...oldest }),
            db.run.findMany({
              where: {
                ...ours,
                OR: [{ status: 'paused' }, { status: 'waiting', waiting_for: { in: ['person', 'budget'] } }],
              },
              ...oldest,
            }),
            db.modelPause.findMany({ where: ours }),
            db.ticket.findMany({
              where: { ...ours, needs_review: true, status: { notIn: ['done', 'cancelled'] } },
              ...oldest,
            }),
            db.ticket.findMany({ where: { ...ours, status: 'pending_review' }, ...oldest }),
            db.pullRequest
              .findMany({ where: { ...ours, state: 'open' }, ...oldest })
              .then((rows) => rows.map(pullRequestRow)),
            db.agent.findMany({
              where: { ...ours, escalated_at: { not: null }, status: { notIn: ['terminated', 'quarantined'] } },
              ...oldest,
            }),
            openHandoffs(db, organizationId),
            // Of lesser ones people are told, and need do nothing.
            db.alert.findMany({
              where: {
                ...ours,
                open_key: { not: null },
                acknowledged_at: null,
                severity: { in: ['error', 'critical'] },
              },
              ...oldest,
            }),
          ]);
        const askers = await db.run.findMany({
          where: { ...ours, id: { in: [...unanswered, ...pauses].map(({ run_id }) => run_id) } },
        });
        const questions = unanswered.flatMap((question) => {
          const run = askers.find(({ id }) => id === question.run_id);
          return run && !run.ended_at ? [{ ...question, run }] : [];
        });
        const some = specs.length + questions.length + runs.length + tickets.length > 0;
        const tasks = some ? await openTasks(db, organizationId) : [];
        const ofTasks = (belongs: (task: OpenTask) => boolean) =>
          waitingFor(
            tasks.filter(belongs).map(({ id }) => id),
            tasks,
          );
        const none = { spec_id: null, run_id: null, phase: null, head_sha: null, options: [] };
        const ofRun = (run: { task_id: string | null; ticket_id: string | null; spec_id: string | null }) =>
          run.task_id
            ? ofTasks(({ id }) => id === run.task_id)
            : ofTasks(({ spec_id }) => run.spec_id !== null && spec_id === run.spec_id);
        const asked = new Set(questions.map(({ run_id }) => run_id));
        const items: InboxItem[] = [
          ...specs.map((spec): InboxItem => {
            const isGate = spec.waiting_for === 'gate';
            return {
              ...none,
              kind: isGate ? 'gate' : 'spec',
              id: spec.id,
              title: spec.title,
              reason: spec.last_error ?? spec.current_phase,
              priority: isGate ? 'high' : 'critical',
              // A plan that waits holds up the whole spec, which may have no task yet.
              blocks: Math.max(
                1,
                ofTasks(({ spec_id }) => spec_id === spec.id),
              ),
              since: spec.updated_at,
              project_id: spec.project_id,
              spec_id: spec.id,
              phase: spec.current_phase,
            };
          }),
          ...questions.map(({ run, ...question }): InboxItem => ({
            ...none,
            kind: 'question',
            id: question.id,
            title: run.title,
            reason: question.question,
            priority: 'high',
            blocks: ofRun(run),
            since: question.created_at,
            project_id: run.project_id,
            spec_id: run.spec_id,
            run_id: run.id,
            options: questionRow(question).options,
          })),
          // A provider that refuses all its runs is one matter for a person. Resuming the run that met it resumes all.
          ...pauses.flatMap((pause): InboxItem[] => {
            const met = askers.find(({ id }) => id === pause.run_id);
            if (!met) return [];
            return [
              {
                ...none,
                kind: 'run',
                id: met.id,
                title: `All runs of ${pause.provider}`,
                reason: pause.message,
                priority: 'critical',
                blocks: runs.filter((one) => isHeld(one, pause)).length,
                since: pause.created_at,
                project_id: met.project_id,
                run_id: met.id,
              },
            ];
          }),
          ...runs
            .filter((run) => !asked.has(run.id) && !pauses.some((pause) => isHeld(run, pause)))
            .map((run): InboxItem => ({
              ...none,
              kind: 'run',
              id: run.id,
              title: run.title,
              reason: run.waiting_reason ?? run.waiting_for ?? run.status,
              priority: run.waiting_for === 'budget' ? 'critical' : 'high',
              blocks: ofRun(run),
              since: run.created_at,
              project_id: run.project_id,
              spec_id: run.spec_id,
              run_id: run.id,
            })),
          ...tickets.map((ticket): InboxItem => ({
            ...none,
            kind: 'ticket',
            id: ticket.id,
            title: `${ticket.key}: ${ticket.title}`,
            reason: ticket.last_error ?? 'needs review',
            priority: 'high',
            blocks: ofTasks(({ ticket_id }) => ticket_id === ticket.id),
            since: ticket.updated_at,
            project_id: ticket.project_id,
            spec_id: ticket.spec_id,
          })),
          ...approvals.map((ticket): InboxItem => ({
            ...none,
            kind: 'approval',
            id: ticket.id,
            title: `${ticket.key}: ${ticket.title}`,
            reason: `Approve it before work begins, until ${ticket.approval_deadline_at?.toISOString() ?? 'its deadline'}`,
            priority: 'high',
            blocks: 1,
            since: ticket.created_at,
            project_id: ticket.project_id,
            spec_id: ticket.spec_id,
          })),
          // Work on a draft goes on; it waits for nobody yet.
          ...pulls
            .filter(({ host_state: { draft } }) => !draft || draft.state === 'refused')
            .map((pull): InboxItem => ({
              ...none,
              kind: 'pull_request',
              id: pull.id,
              title: pull.title,
              reason: waitOf(pull) ?? 'open for review',
              head_sha: pull.head_sha,
              priority: 'normal',
              blocks: 0,
              since: pull.created_at,
              project_id: pull.project_id,
              spec_id: pull.spec_id,
            })),
          ...handoffs.map(({ thread, task, from, to }): InboxItem => ({
            ...none,
            kind: 'handoff',
            id: thread.id,
            title: `${task.key}: ${task.title}`,
            reason: `${from} asks that ${to} takes the task over: ${thread.subject}`,
            priority: 'normal',
            blocks: 0,
            since: thread.created_at,
            project_id: task.project_id,
            spec_id: task.spec_id,
          })),
          ...agents.map((agent): InboxItem => ({
            ...none,
            kind: 'agent',
            id: agent.id,
            title: agent.name,
            reason: 'It failed again after as many restarts as an hour allows. Restart it by hand, or end it.',
            priority: 'high',
            // Its tasks went back to the queue.
            blocks: 0,
            since: agent.escalated_at ?? agent.created_at,
            project_id: agent.project_id,
          })),
          ...alerts.map((alert): InboxItem => ({
            ...none,
            kind: 'alert',
            id: alert.id,
            title: alert.rule.replaceAll('_', ' '),
            reason: alert.message,
            priority: alert.severity === 'critical' ? 'critical' : 'high',
            blocks: 0,
            since: alert.created_at,
            project_id: alert.project_id,
          })),
        ];
        return items.sort(
          (a, b) =>
            ranks[a.priority] - ranks[b.priority] || b.blocks - a.blocks || a.since.getTime() - b.since.getTime(),
        );
      }),
  };
}
