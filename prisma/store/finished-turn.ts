import type { CostEntry } from './reservations.ts';
import type { Run, StoredLoop } from './json.ts';

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
  started_at: Date;
  /** What the provider says about a refusal. */
  refusal?: string;
  /** The loop's state after the answer; absent: a loop that Temporal carries. */
  loop?: StoredLoop;
  cost: CostEntry;
}
