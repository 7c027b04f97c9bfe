import { z } from 'zod';
import { failedChecks } from '#workflows/domain/tasks/fix-loop.ts';
import { phaseId } from './board-phases.ts';
import { byId, contract, idParams, isoTime, listOf, pageQuery, uuid } from './contract.ts';
import { taskSchema } from './tasks.ts';
import { ticketSchema } from './tickets.ts';

const reason = z.string().trim().min(1).max(2000);
const verdict = z.object({
  /** none: the phase has no gate. */
  gate_status: z.enum(['none', 'passed', 'failed']),
  blocking_reasons: z.array(z.string()),
  checklist: z.array(
    z.object({
      kind: z.enum(['tasks', 'output', 'done']),
      text: z.string(),
      required: z.boolean(),
      verdict: z.enum(['met', 'failed', 'unverified']),
      evidence: z.string(),
      source: z.string().nullable(),
      blocks: z.boolean(),
    }),
  ),
});
const gate = verdict.extend({
  ticket_id: uuid,
  phase_id: z.string(),
  requirements_met: z.boolean(),
  next_phases: z.array(z.object({ id: z.string(), name: z.string() })),
});
const ofTicket = { tag: 'phases', scope: byId('ticket'), params: idParams } as const;
const reads = { ...ofTicket, method: 'get', auth: 'ticket:read' } as const;
const writes = { ...ofTicket, method: 'post', auth: 'ticket:write', failures: [400, 409] } as const;

export const gateStatus = contract({
  ...reads,
  path: '/tickets/{id}/gate-status',
  summary: "How the gate of the ticket's phase stands: what is met, what fails, what nobody has shown",
  response: gate,
});
export const validateGate = contract({
  ...writes,
  path: '/tickets/{id}/validate-gate',
  summary: "Judge the gate of the ticket's phase and keep the result",
  response: gate.extend({ attempt: z.number().int() }),
});
export const gateResults = contract({
  ...reads,
  path: '/tickets/{id}/gate-results',
  summary: 'How the gates of a ticket were judged and decided, newest first',
  query: pageQuery,
  response: listOf(
    verdict.extend({
      id: uuid,
      phase_id: z.string(),
      attempt: z.number().int(),
      decision: z.string().meta({ description: 'judged, approved, or overridden.' }),
      reason: z.string().nullable(),
      decided_by: z.string(),
      created_at: isoTime,
    }),
  ),
});
const artifact = z.object({
  id: uuid,
  ticket_id: uuid,
  phase_id: z.string(),
  artifact_type: z.string(),
  artifact_path: z.string().nullable(),
  artifact_content: z.unknown(),
  submitted_by: z.string(),
  created_at: isoTime,
});
export const addArtifact = contract({
  ...writes,
  path: '/tickets/{id}/artifacts',
  summary: 'Add what a phase of the ticket has brought: its gate reads the content',
  status: 201,
  body: z.strictObject({
    phase_id: phaseId.optional().meta({ description: 'Default: the phase of the ticket.' }),
    artifact_type: z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'must be small letters, digits and _'),
    artifact_path: z.string().trim().min(1).max(1000).optional(),
    artifact_content: z
      .union([z.string().min(1).max(100_000), z.record(z.string(), z.unknown())])
      .refine((content) => JSON.stringify(content).length <= 120_000, 'must be at most 120,000 characters of JSON')
      .meta({
        description:
          'Text, or an object: its fields are read by the rules of the phase. decisions, risks, notes and summary are handed over to the next phase. {"confirms": TEXT} with the type confirmation confirms a line of its definition of done.',
      }),
  }),
  response: artifact,
});
export const listArtifacts = contract({
  ...reads,
  path: '/tickets/{id}/artifacts',
  summary: 'What the phases of a ticket have brought, oldest first',
  query: pageQuery,
  response: listOf(artifact),
});
export const ticketContext = contract({
  ...reads,
  path: '/tickets/{id}/context',
  summary: "Decisions, risks, summaries and notes of the ticket's phases, as a task of the given phase gets them",
  query: z.object({ phase_id: phaseId.optional() }),
  response: z.object({
    phase_id: z.string(),
    handed_over: z.array(z.object({ phase_id: z.string(), kind: z.string(), text: z.string() })),
  }),
});
export const canTransition = contract({
  ...reads,
  path: '/tickets/{id}/can-transition/{phase_id}',
  summary: 'Whether the ticket may go to a phase now, and what is in the way',
  params: idParams.extend({ phase_id: phaseId }),
  response: z.object({
    can_transition: z.boolean(),
    from_phase: z.string(),
    to_phase: z.string(),
    blocking_reasons: z.array(z.string()),
  }),
});
const spawned = z.object({
  spawned: z.array(taskSchema),
  /** Why no task was created; null: one was, or none was wanted. */
  not_spawned: z.string().nullable(),
});
export const transitionPhase = contract({
  ...writes,
  path: '/tickets/{id}/phase-transition',
  summary: 'Move a ticket to another phase: 400 with the reasons while the gate of its phase is closed',
  body: z.strictObject({
    to_phase: phaseId,
    reason: reason.optional(),
    force: z.boolean().default(false).meta({
      description: 'Past the gate and the allowed transitions, with a reason; owners and admins only.',
    }),
    spawn_tasks: z.boolean().default(false).meta({ description: 'Also create the first task of the phase.' }),
    validation_feedback: z.string().trim().min(1).max(20_000).optional(),
  }),
  response: spawned.extend({ ticket: ticketSchema }),
});
export const checkAdvance = contract({
  ...writes,
  path: '/tickets/{id}/check-advance',
  summary: 'Move a ticket to the next phase if the gate of its phase is open',
  response: z.object({ advanced: z.boolean(), blocking_reasons: z.array(z.string()), ticket: ticketSchema }),
});
export const fastTrack = contract({
  ...writes,
  path: '/tickets/{id}/fast-track',
  summary: 'Take a ticket that is not planned yet straight to implementation, with its first task',
  starts_work: 'agents',
  body: z.strictObject({ reason: reason.optional() }),
  response: spawned.extend({ ticket: ticketSchema }),
});
export const fixTicket = contract({
  ...writes,
  path: '/tickets/{id}/fix',
  summary: 'Let a task fix a failed check of the ticket, and another one do the check again',
  starts_work: 'agents',
  status: 201,
  body: z.strictObject({
    check: z.enum(failedChecks).optional().meta({
      description:
        'task: a task that failed; block: what the platform says blocks the ticket; gate: what closes the gate of its phase. Default: the first of these that fails. A round that is open already is the answer.',
    }),
    task_id: uuid.optional().meta({ description: 'Which task of the ticket, where several failed.' }),
  }),
  response: z.object({ check: z.enum(failedChecks), fix: taskSchema, recheck: taskSchema }),
});
export const planTicket = contract({
  ...writes,
  path: '/tickets/{id}/plan',
  summary: 'Start a spec from a spec_driven ticket; the ticket ends when the pull request of the spec is merged',
  starts_work: 'agents',
  failures: [400, 402, 409],
  status: 201,
  response: z.object({ ticket_id: uuid, spec_id: uuid }),
});
export const completeTicket = contract({
  ...writes,
  agents_of_project: 'ticket:write',
  path: '/tickets/{id}/complete',
  summary: 'End a ticket as done: the gates of its phase and of testing are open, and its work has ended',
  body: z.strictObject({ reason: reason.optional() }),
  response: ticketSchema,
});
export const spawnPhaseTasks = contract({
  ...writes,
  path: '/tickets/{id}/spawn-phase-tasks',
  summary: "Create the first task of the ticket's phase, unless tasks of the ticket are open",
  starts_work: 'agents',
  response: spawned,
});
