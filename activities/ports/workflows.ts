import type { z } from 'zod';
import type { Query, Signal, Update } from '#workflows/contracts/message.ts';
import type { ApprovalInput } from '#workflows/contracts/approval.ts';
import type { DiagnosticInput } from '#workflows/contracts/diagnostic.ts';
import type { McpCallInput } from '#workflows/contracts/mcp.ts';
import type { MemoryInput } from '#workflows/contracts/memory.ts';
import type { PreviewInput } from '#workflows/contracts/preview.ts';
import type { QuestionInput } from '#workflows/contracts/question.ts';
import type { PullRequestInput } from '#workflows/contracts/pull-request.ts';
import type { RepositoryInput } from '#workflows/contracts/repository.ts';
import type { RunKind, RunLimits } from '#workflows/domain/agent/run.ts';
import type { SpecInput } from '#workflows/contracts/spec.ts';
import type { TitleInput } from '#workflows/contracts/title.ts';
import type { LoopState, Monitor } from '#workflows/domain/watch/watchdog.ts';
import type { QueueRequest } from '#workflows/contracts/work.ts';

/** Starts workflows and sends them messages. Every call is safe to repeat: workflow ids are business keys. */
export interface WorkflowsPort {
  /** Rejects when Temporal does not answer. */
  ping(): Promise<void>;
  /** Starts a spec's workflow, unless it runs. */
  startSpec(input: SpecInput, options?: StartOptions): Promise<'started' | 'already_running'>;
  /** Starts a ticket's workflow, unless it runs. */
  startTicket(input: TicketStart, options?: StartOptions): Promise<'started' | 'already_running'>;
  /** Starts the wait for a ticket's approval, unless it runs or has ended. */
  startApproval(input: ApprovalInput): Promise<'started' | 'already_running'>;
  /** Starts the workflow of an agent's run, unless it runs. */
  startRun(input: RunStart, options?: StartOptions): Promise<'started' | 'already_running'>;
  /** Starts an attempt to answer a person's question, unless it has run. */
  startQuestion(input: QuestionInput): Promise<'started' | 'already_running'>;
  /** Starts to give a task another title, unless this request has run. */
  startTitle(input: TitleInput): Promise<'started' | 'already_running'>;
  /** Starts the survey of a project's repository; one that runs begins again at the newest commit. */
  survey(project: { organization_id: string; project_id: string }): Promise<void>;
  /** Starts the workflow that sends a stored message of an alert, unless it has run. */
  startAlertDelivery(deliveryId: string): Promise<'started' | 'already_running'>;
  /**
   * Starts the call of a foreign tool that is stored, unless it has run, and waits for its end.
   * @returns false when it has not ended after these seconds, or the signal was aborted: it goes on.
   */
  callMcp(input: McpCallInput, seconds: number, signal?: AbortSignal): Promise<boolean>;
  /** Starts the workflow that sends a stored mail, unless it has run. */
  startMail(mailId: string): Promise<'started' | 'already_running'>;
  /** Tells the workflow that sends an organization's notices that there are new ones, and starts it where it does not run. */
  tellOfNotices(organizationId: string): Promise<void>;
  /** Starts that workflow, unless it runs. */
  startNotices(organizationId: string): Promise<'started' | 'already_running'>;
  /** Starts the workflow of a preview's start, unless it has run. */
  startPreview(input: PreviewInput): Promise<'started' | 'already_running'>;
  /** Starts the workflow that learns from an attempt at a task, unless it has run. */
  startMemory(input: MemoryInput): Promise<'started' | 'already_running'>;
  /** Starts a diagnosis, unless it has run. */
  startDiagnostic(input: DiagnosticInput): Promise<'started' | 'already_running'>;
  /** Starts the workflow of an organization's account, unless it runs. */
  startBilling(organizationId: string): Promise<'started' | 'already_running'>;
  /** Starts the workflow that gets an unpaid invoice paid, unless it runs: an operator may have ended it. */
  startDunning(invoice: { id: string; organization_id: string }): Promise<'started' | 'already_running'>;
  /** Asks the project's queue for a slot, and starts the queue where it does not run. */
  requestSlot(project: { organization_id: string; project_id: string }, entry: QueueRequest): Promise<void>;
  /** Sends a signal to the workflow of a project's repository, and starts it where it does not run. */
  signalRepository<S extends z.ZodType>(project: RepositoryInput, message: Signal<S>, input: z.input<S>): Promise<void>;
  /** Starts the guardian, the conductor and the health check of a project, each unless it runs. */
  ensureWatchers(project: { organization_id: string; project_id: string }): Promise<void>;
  /** Starts the loop that watches an organization's registered agents, unless it runs. `look`: it looks at once. */
  watchAgents(organizationId: string, look?: boolean): Promise<void>;
  /** Starts the watchdog of the platform, unless it runs; one that is about to end goes on. */
  startWatchdog(): Promise<void>;
  /** Turns the schedule on that brings the watchdog back, or off. */
  guardWatchdog(on: boolean): Promise<void>;
  /** Creates the schedules of the platform, or changes them to the settings. Safe to repeat. */
  ensureSchedules(): Promise<void>;
  /** Sends a signal. @throws conflict when the workflow is not running. */
  signal<S extends z.ZodType>(workflowId: string, message: Signal<S>, input: z.input<S>): Promise<void>;
  /** Sends a signal to a workflow that may not be running. @returns false when it is not. */
  signalIfRunning<S extends z.ZodType>(workflowId: string, message: Signal<S>, input: z.input<S>): Promise<boolean>;
  /** Sends an update and waits for its answer. @throws conflict when the workflow is not running or refuses it. */
  update<S extends z.ZodType, A extends z.ZodType>(
    workflowId: string,
    message: Update<S, A>,
    input: z.input<S>,
  ): Promise<z.output<A>>;
  /** Starts the pull request's workflow where it does not run, and sends the update with the start. */
  updateWithStart<S extends z.ZodType, A extends z.ZodType>(
    start: PullRequestInput,
    message: Update<S, A>,
    input: z.input<S>,
  ): Promise<z.output<A>>;
  /** @throws conflict when no workflow of this id is known. */
  query<A extends z.ZodType>(workflowId: string, message: Query<A>): Promise<z.output<A>>;
  /** Whether a workflow with this id is running. */
  isRunning(workflowId: string): Promise<boolean>;
  /** A workflow as the server knows it now. */
  state(workflowId: string): Promise<LoopState>;
  /**
   * The loops that run, with their search attributes. The server's index is some seconds behind, so ask `state` before you
   * act on it. @param organizationId only of this one; null: of all.
   */
  runningLoops(organizationId: string | null): Promise<RunningLoop[]>;
  /** Ends a workflow without asking it, if it runs. */
  terminate(workflowId: string, reason: string): Promise<void>;
  /** Number of workers that take workflows. */
  workers(): Promise<number>;
  /** Takes a workflow from the worker that has it, so that any worker goes on with it. */
  release(workflowId: string): Promise<void>;
  /** Whether this process runs the newest try of an activity, as the server has it now. */
  isNewestTry(activity: { workflow_id: string; activity_id: string; attempt: number }): Promise<boolean>;
  close(): Promise<void>;
}

export interface RunningLoop {
  monitor: Monitor;
  workflow_id: string;
  organization_id: string;
  project_id: string | null;
}

export interface StartOptions {
  /** A workflow that has run before is not started again, in whatever way it ended. */
  first_only?: boolean;
}

interface TicketStart {
  ticket_id: string;
  organization_id: string;
  project_id: string;
  spec_id: string | null;
}

interface RunStart {
  run_id: string;
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string | null;
  task_id: string | null;
  kind: RunKind;
  sandbox_queue: string;
  limits: RunLimits;
  /** The fork continues after this turn. */
  start_turn?: number;
  /** The run takes a slot of the project itself. */
  own_slot?: boolean;
}
