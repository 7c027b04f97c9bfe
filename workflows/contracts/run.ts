import { criterionVerdictSchema, type CriterionVerdict } from '../domain/requirements/verdict.ts';
import { z } from 'zod';
import type { EvidenceItem } from '../domain/agent/completion.ts';
import { messageKinds, steerKinds, urgencies } from '../domain/agent/inbox.ts';
import type { AgentState, RunEnd, RunKind, RunLimits } from '../domain/agent/run.ts';
import { query, signal, update } from './message.ts';

/** Input of agentWorkflow, kept through continue-as-new. Everything else is read from the run's row. */
export interface AgentInput {
  run_id: string;
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string | null;
  task_id: string | null;
  kind: RunKind;
  /** Task queue of the machine that holds the sandbox. */
  sandbox_queue: string;
  limits: RunLimits;
  /** Turns that the conversation of a fork already has. */
  start_turn?: number;
  /** No task's workflow holds a slot for the run: it takes one of the project itself. */
  own_slot?: boolean;
  state?: AgentState;
  /** A registered agent that runs elsewhere does the work: the loop only waits, checks and ends. */
  elsewhere?: true;
  /** Tries of stretches so far. Absent in a run whose loop Temporal carries turn by turn. */
  stretches?: number;
}

/**
 * The effect of a tool call that the workflow acts on. The JSON is stored with the call and is part of recorded
 * histories: add kinds and optional fields, never rename one.
 */
export type ToolOutcome =
  /** A list of steps was stored: progress. */
  | { kind: 'planned' }
  /** The draft of a phase has grown: progress. */
  | { kind: 'drafted' }
  /** The agent claims that the task is done: ends the iteration. `report`: by REST, so nothing has looked at it yet. */
  | { kind: 'claimed'; report?: ClaimReport }
  /** The result of a phase was submitted: ends the iteration. */
  | { kind: 'submitted' }
  | ReviewOutcome
  | DiscoveryOutcome
  /** A question to a person is open: the run waits for its answer. */
  | { kind: 'asked'; question_id: string }
  /** Another run answers a question about the code: the run waits for its answer. */
  | { kind: 'exploring'; run_id: string };

const evidence = z.array(
  z.strictObject({
    criterion_id: z.string().max(200).optional(),
    command: z.string().max(5000).optional(),
    tool_use_id: z.string().max(200).optional(),
  }),
);
const claimReport = z.strictObject({ summary: z.string().min(1).max(20_000), evidence });
type ClaimReport = z.output<typeof claimReport>;
const reviewReport = z.strictObject({
  passed: z.boolean(),
  feedback: z.string().max(20_000),
  evidence,
  recommendations: z.array(z.string().max(2000)),
  criteria: z.array(criterionVerdictSchema).max(100).optional(),
});

/** A validator's verdict: ends the iteration. */
export interface ReviewOutcome {
  kind: 'reviewed';
  passed: boolean;
  feedback: string;
  evidence: ReviewEvidence[];
  recommendations: string[];
  /** Its verdicts on single acceptance criteria of the requirements. */
  criteria?: CriterionVerdict[];
  /** It came by REST: its evidence was not yet compared with the commands that ran. */
  reported?: true;
}

/** Evidence as the validator gave it, with the result of the command that really ran. */
interface ReviewEvidence extends Omit<EvidenceItem, 'exit_code'> {
  /** Exit code of the command that ran; the validator's own number when no such command ran. */
  exit_code: number | null;
  /** The named call exists and has ended. */
  verified: boolean;
}

export interface DiscoveryOutcome {
  kind: 'discovered';
  discovery_id: string;
  /** Null when a cap kept the discovery from opening work. */
  task_id: string | null;
  duplicate: boolean;
  blocking: boolean;
}

export interface RunOutcome {
  status: RunEnd;
  /** Why the run ended: validation_passed, max_turns_reached, max_cost_reached ... */
  reason: string;
  /** For a person. */
  message: string;
  turns: number;
  cost_micros: number;
}

const content = z.string().trim().min(1, 'must not be empty').max(20_000);
const actor = z.string().max(200).optional();

/** An operator's direction; REST stores a row and sends `wake` instead. */
export const steerSignal = signal('steer', z.strictObject({ kind: z.enum(steerKinds), message: content, actor }));
/** An operator's message; REST stores a row and sends `wake` instead. */
export const userMessageSignal = signal(
  'userMessage',
  z.strictObject({ kind: z.enum(messageKinds).default('user_message'), content, actor }),
);
/**
 * The inbox has new rows, a question has an answer, or the budget has grown: the loop checks. `stop` ends the run, with
 * the actor and the reason.
 */
export const wakeSignal = signal(
  'wake',
  z.strictObject({
    rank: z.enum(urgencies).optional(),
    stop: z.strictObject({ by: z.string(), reason: z.string(), message: z.string() }).optional(),
  }),
);

/** From a stretch to its run's workflow: it waits for a permit to ask the model, or (null) no longer. */
export const modelWaitSignal = signal(
  'modelWait',
  z.strictObject({ stretch: z.number(), reason: z.string().max(2000).nullable() }),
);

const unblocked = z.strictObject({ discovery_id: z.string(), sha: z.string().nullable(), message: z.string() });
/** The work that a blocking discovery opened has ended. `sha` is the joined commit, or null when nothing was joined. */
export type Unblocked = z.output<typeof unblocked>;
/** From a ticket to a run that waits for a blocking discovery. */
export const unblockedSignal = signal('unblocked', unblocked);
/** The run has a slot again after it released its own during a wait. */
export const slotSignal = signal('slotGranted', z.looseObject({}));

const command = z.strictObject({ reason: z.string().max(2000).optional(), actor });
const runState = z.object({ state: z.string() });

/** Cancels the step under way. @returns the turn at which the message was accepted. */
export const interruptUpdate = update(
  'interrupt',
  z.strictObject({ message: z.string().max(20_000).optional(), actor }),
  z.object({ accepted: z.literal(true), turn: z.number() }),
);
/** Pauses the run after the step under way. Refused while the run is being stopped. @returns the new state. */
export const pauseUpdate = update('pause', command, runState);
/** Resumes a paused run. Refused when the run is not paused or is being stopped. @returns the new state. */
export const resumeUpdate = update('resume', command, runState);
/** Stops the run: the step under way is cancelled. @returns the new state. */
export const stopUpdate = update('stop', command, runState);

const taken = z.object({ status: z.enum(['taken', 'known']) });
/**
 * A process in the sandbox claims that the task is done. The claim is checked like one by complete_task once the step
 * under way has ended. Refused while the run is being stopped.
 */
export const claimUpdate = update('claim', claimReport, taken);
/** A validator that does not speak by tools gives its verdict. Refused while the run is being stopped. */
export const reviewUpdate = update('review', reviewReport, taken);

export const limitRanges = z.strictObject({
  max_turns: z.number().int().min(1).max(10_000),
  max_usd: z.number().min(0.01).max(10_000),
  max_seconds: z.number().min(1).max(604_800),
});
/**
 * Raises limits of the run, which continues at the same turn if it waits at one of them. Refused for a limit that is
 * used up already. The money itself is the run's budget.
 */
export const raiseLimitsUpdate = update(
  'raiseLimits',
  limitRanges.partial().extend({
    /** The limits at which the run waits for a person; it ends at the others. */
    asks_at: z.array(z.enum(['turns', 'cost', 'time'])).optional(),
    actor,
  }),
  z.object({ limits: limitRanges }),
);

/** Messages that came by signal and have no row yet. */
export const inboxQuery = query(
  'inbox',
  z.object({
    undelivered: z.array(z.object({ id: z.string(), kind: z.string(), rank: z.enum(urgencies) })),
    ignored: z.array(z.object({ name: z.string(), reason: z.string() })),
  }),
);
