import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Turn } from '../generated/client.ts';
import type { Run, StoredLoop, ToolCall } from './json.ts';
import type { CostEntry } from './recorded-costs.ts';

/** An answered turn as it is stored. */
export interface FinishedTurn {
  run: Run;
  turn: number;
  call_no: number;
  iteration: number;
  model: string;
  stop_reason: string;
  content: string;
  calls: {
    position: number;
    tool_use_id: string;
    name: string;
    input: string;
    problem?: { text: string; kind: string };
  }[];
  request_bytes: number;
  shared_bytes: number;
  model_attempts: number;
  /** Milliseconds from when the turn was due until its request was sent. */
  waited_ms?: number;
  started_at: Date;
  /** Milliseconds from the request to the first event of its answer. */
  first_token_ms?: number;
  answered_at: Date;
  /** SHA-256 of the messages of the request, of a turn that a program in the sandbox asked for. */
  request_hash?: string;
  /** What the provider says about a refusal. */
  refusal?: string;
  /** The loop's state after the answer; absent: a loop that Temporal carries. */
  loop?: StoredLoop;
  cost: CostEntry;
}

/** The rows and the event of an answered turn. */
export function rowsOf(done: FinishedTurn, now: Date): { turn: Turn; calls: ToolCall[]; completed: NewEvent } {
  const { run, cost } = done;
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros } = cost;
  const turn: Turn = {
    run_id: run.id,
    turn: done.turn,
    organization_id: run.organization_id,
    epoch: run.epoch,
    iteration: done.iteration,
    model: done.model,
    stop_reason: done.stop_reason,
    input_tokens,
    output_tokens,
    cache_read_tokens,
    cache_write_tokens,
    cost_micros,
    request_bytes: done.request_bytes,
    shared_bytes: done.shared_bytes,
    model_attempts: done.model_attempts,
    refusal: done.refusal ?? null,
    request_hash: done.request_hash ?? null,
    files_changed: null,
    waited_ms: done.waited_ms ?? null,
    started_at: done.started_at,
    first_token_ms: done.first_token_ms ?? null,
    answered_at: done.answered_at,
    ended_at: now,
  };
  const calls = done.calls.map(({ problem, ...call }): ToolCall => ({
    ...call,
    run_id: run.id,
    turn: done.turn,
    organization_id: run.organization_id,
    status: problem ? 'done' : 'pending',
    edit_plan: null,
    view: null,
    cwd: null,
    outcome: null,
    result: problem?.text ?? null,
    is_error: problem !== undefined,
    error_kind: problem?.kind ?? null,
    exit_code: null,
    duration_ms: null,
    tree_before: null,
    tree_after: null,
    blob_id: null,
    started_at: null,
    ended_at: problem ? now : null,
  }));
  const completed: NewEvent = {
    type: 'run.turn.completed',
    organization_id: run.organization_id,
    project_id: run.project_id,
    entity: { kind: 'run', id: run.id },
    data: {
      run_id: run.id,
      task_id: run.task_id,
      spec_id: run.spec_id,
      turn: done.turn,
      iteration: done.iteration,
      model: done.model,
      stop_reason: done.stop_reason,
      block_count: calls.length,
      tools: calls.map((call) => call.name),
      cost_micros,
      total_cost_micros: run.cost_micros + cost_micros,
    },
  };
  return { turn, calls, completed };
}

/** Two requests of a turn are never sent and answered in the same milliseconds. */
export const isSameAnswer = (stored: Turn, { started_at, answered_at }: FinishedTurn): boolean =>
  stored.started_at.getTime() === started_at.getTime() && stored.answered_at?.getTime() === answered_at.getTime();
