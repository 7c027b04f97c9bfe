import { answeredQuestions, takesAnswers } from '#workflows/domain/phases/open-questions.ts';
import { present } from '#workflows/domain/errors.ts';
import { isBuilt } from '#workflows/domain/tasks/ticket-moves.ts';
import type { Services } from '../ports/services.ts';
import { plannedSoFar } from './judge-plan.ts';
import { writePlan } from '../ports/write-plan.ts';
import { branchHead } from '../ports/branch-head.ts';

export interface SyncedTicket {
  id: string;
  title: string;
  blocked_by: string[];
  branch: string | null;
  head_sha: string | null;
  /** The ticket's code is in the spec's branch. */
  joined: boolean;
  /** The ticket was cancelled. Absent in histories from before it was recorded. */
  cancelled?: boolean;
  /** The ticket has tasks that have not ended. Absent in histories from before tasks could join it later. */
  open_tasks?: boolean;
}

/** Stores the state of a spec for its workflow. */
export function createSpecState(services: Services) {
  const { store, repositories } = services;

  /** The number of open questions that a person can still answer at the gate of a phase. */
  async function unanswered(at: { organization_id: string; spec_id: string; phase?: string }): Promise<number> {
    const spec = await store.specs.get(at.organization_id, at.spec_id);
    if (!takesAnswers(spec.plan.phases, at.phase ?? '')) return 0;
    const questions = answeredQuestions(await store.specs.outputs(spec.id), spec.answers);
    return questions.filter(({ answer }) => answer === null).length;
  }

  return {
    markSpec: async (input: {
      organization_id: string;
      spec_id: string;
      status: string;
      waiting_for: string | null;
      /** Why it waits, for people. */
      waiting_reason?: string | null;
      phase?: string;
      error?: string | null;
      ended?: boolean;
      event?: 'spec.gate_waiting' | 'spec.execution_completed' | 'spec.execution_failed';
      data?: Record<string, unknown>;
      /** The person who decided it; absent: the platform. */
      by?: string;
    }): Promise<void> => {
      const open = input.event === 'spec.gate_waiting' ? await unanswered(input) : 0;
      const data = { phase: input.phase ?? null, attempt: 0, ...input.data, ...(open ? { open_questions: open } : {}) };
      const event = input.event ? { type: input.event, data } : undefined;
      const spec = await store.specs.update(
        input.organization_id,
        input.spec_id,
        {
          status: input.status,
          waiting_for: input.waiting_for,
          waiting_reason: input.waiting_reason,
          ...(input.phase ? { current_phase: input.phase } : {}),
          ...(input.error === undefined ? {} : { last_error: input.error }),
          ...(input.ended === undefined ? {} : { ended_at: input.ended ? new Date() : null }),
        },
        // The pull request may have been merged meanwhile.
        { event, late: true, by: input.by },
      );
      // Its tickets end with it, those without a workflow too.
      if (!input.ended || !['cancelled', 'failed'].includes(spec.status)) return;
      const end = {
        reason: `The spec ${spec.status === 'failed' ? 'has failed' : 'was cancelled'}.`,
        by: input.by ?? 'platform',
      };
      for (const ticket of await store.tickets.ofSpec(input.spec_id))
        await store.tickets.cancel(input.organization_id, ticket.id, end);
    },

    decideGate: async (input: {
      organization_id: string;
      spec_id: string;
      phase: string;
      action: 'approved' | 'changes_requested' | 'regenerated' | 'rejected' | 'expired';
      by: string;
      feedback?: string;
    }): Promise<void> => {
      const spec = await store.specs.get(input.organization_id, input.spec_id);
      const { phases } = spec.plan;
      const later = phases.slice(phases.indexOf(input.phase) + 1);
      await store.specs.decide(
        input.organization_id,
        input.spec_id,
        input.phase,
        { action: input.action, by: input.by, feedback: input.feedback },
        later,
      );
      if (!spec.plan.compact || input.action !== 'approved') return;
      const { progress, phase } = await plannedSoFar(store, spec);
      await store.specs.update(input.organization_id, input.spec_id, { progress, current_phase: phase });
    },

    /**
     * Writes the plan onto the board once. `spawn`: whether the project starts its tasks by itself. Histories from
     * before it was read have no result.
     */
    syncPlan: async (input: { organization_id: string; spec_id: string }): Promise<{ spawn: boolean } | undefined> => {
      const { settings } = await writePlan(services, input.organization_id, input.spec_id);
      return { spawn: settings.auto_spawn_tasks !== false };
    },

    specTickets: async (input: { organization_id: string; spec_id: string }): Promise<SyncedTicket[]> => {
      const spec = await store.specs.get(input.organization_id, input.spec_id);
      const head = spec.branch ? await repositories.resolve(spec.project_id, `refs/heads/${spec.branch}`) : undefined;
      const tickets = await store.tickets.ofSpec(spec.id);
      const open = new Set(
        (await store.tasks.ofSpec(spec.id))
          .filter((task) => task.status !== 'completed' && task.status !== 'cancelled')
          .map((task) => task.ticket_id),
      );
      return Promise.all(
        tickets.map(async (ticket) => ({
          id: ticket.id,
          title: ticket.title,
          blocked_by: ticket.blocked_by,
          branch: ticket.branch,
          head_sha: ticket.head_sha,
          cancelled: ticket.status === 'cancelled',
          open_tasks: open.has(ticket.id),
          joined:
            ticket.status === 'done' ||
            (isBuilt(ticket.status) &&
              head !== undefined &&
              ticket.head_sha !== null &&
              (await repositories.isAncestor(spec.project_id, ticket.head_sha, head))),
        })),
      );
    },

    /** Moves the spec's branch forward to a finished ticket's branch, if nothing else has moved it. */
    joinTicket: async (input: {
      organization_id: string;
      spec_id: string;
      ticket_id: string;
      branch: string;
    }): Promise<
      | { kind: 'forward'; head_sha: string }
      | { kind: 'merge'; source: { sha: string; branch: string; title: string; subject_id: string } }
    > => {
      const spec = await store.specs.get(input.organization_id, input.spec_id);
      const ticket = await store.tickets.get(input.organization_id, input.ticket_id);
      const ref = `refs/heads/${input.branch}`;
      const [head, sha] = await Promise.all([
        branchHead(services, spec.project_id, input.branch),
        ticket.branch === null ? undefined : repositories.resolve(spec.project_id, `refs/heads/${ticket.branch}`),
      ]);
      if (!sha || (await repositories.isAncestor(spec.project_id, sha, head)))
        return { kind: 'forward', head_sha: head };
      if (
        (await repositories.isAncestor(spec.project_id, head, sha)) &&
        (await repositories.updateRef(spec.project_id, ref, sha, head))
      )
        return { kind: 'forward', head_sha: sha };
      return {
        kind: 'merge',
        source: {
          sha,
          branch: present(ticket.branch, 'the branch of the ticket'),
          title: `${ticket.key}: ${ticket.title}`,
          subject_id: ticket.id,
        },
      };
    },
  };
}
