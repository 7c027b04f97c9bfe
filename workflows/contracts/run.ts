import { z } from 'zod';
import type { EvidenceItem } from '../domain/agent/completion.ts';
import { messageKinds, steerKinds, urgencies } from '../domain/agent/inbox.ts';
import type { AgentState, RunEnd, RunKind, RunLimits } from '../domain/agent/run.ts';
import { query, signal, update } from './message.ts';

/** Input of agentWorkflow: everything else is read from the run's row. Carried on through continue-as-new. */
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
  /** A fork's conversation has this many turns already. */
  start_turn?: number;
  state?: AgentState;
}

/**
 * The effect of a tool call that the workflow acts on. The JSON is stored with the call and stands in recorded
 * histories: add kinds and optional fields, never rename one.
 */
export type ToolOutcome =
  /** A list of steps was written down: progress. */
  | { kind: 'planned' }
  /** The draft of a phase has grown: progress. */
  | { kind: 'drafted' }
  /** The agent claims that the task is done: ends the iteration. */
  | { kind: 'claimed' }
  /** A phase's result was handed in: ends the iteration. */
  | { kind: 'submitted' }
  | ReviewOutcome
  | DiscoveryOutcome
  /** A question to a person is open: the run waits for the answer. */
  | { kind: 'asked'; question_id: string };

/** A validator's verdict: ends the iteration. */
export interface ReviewOutcome {
  kind: 'reviewed';
  passed: boolean;
  feedback: string;
  evidence: ReviewEvidence[];
  recommendations: string[];
}

/** Evidence as the validator gave it, beside what really ran. */
interface ReviewEvidence extends Omit<EvidenceItem, 'exit_code'> {
  /** Of the command that ran; the validator's own number where no such command ran. */
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
  /** validation_passed max_turns_reached max_cost_reached ... : why it ended. */
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
/** Rows were added to the inbox, an answer or more money came: the loop looks. `stop` ends the run: by whom, and why. */
export const wakeSignal = signal(
  'wake',
  z.strictObject({
    rank: z.enum(urgencies).optional(),
    stop: z.strictObject({ by: z.string(), reason: z.string(), message: z.string() }).optional(),
  }),
);

const unblocked = z.strictObject({ discovery_id: z.string(), sha: z.string().nullable(), message: z.string() });
/** The work that a blocking discovery opened has ended: joined at the commit `sha`, or given up. */
export type Unblocked = z.output<typeof unblocked>;
export const unblockedSignal = signal('unblocked', unblocked);
/** The run has the slot again that it gave back during a wait. */
export const slotSignal = signal('slotGranted', z.looseObject({}));

const command = z.strictObject({ reason: z.string().max(2000).optional(), actor });
const runState = z.object({ state: z.string() });

/** Cuts the step under way short. @returns the turn at which the message was accepted. */
export const interruptUpdate = update(
  'interrupt',
  z.strictObject({ message: z.string().max(20_000).optional(), actor }),
  z.object({ accepted: z.literal(true), turn: z.number() }),
);
export const pauseUpdate = update('pause', command, runState);
export const resumeUpdate = update('resume', command, runState);
export const stopUpdate = update('stop', command, runState);

/** Messages that came by signal and have no row yet. */
export const inboxQuery = query(
  'inbox',
  z.object({
    undelivered: z.array(z.object({ id: z.string(), kind: z.string(), rank: z.enum(urgencies) })),
    ignored: z.array(z.object({ name: z.string(), reason: z.string() })),
  }),
);
