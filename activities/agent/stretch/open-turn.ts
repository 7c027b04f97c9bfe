import type { Run } from '#prisma/store/runs.ts';
import type { ToolCall } from '#prisma/store/tool-calls.ts';
import type { Store } from '#prisma/store/index.ts';
import { conversationTokens, type AnswerFacts, type TakenTurn } from '../turn/index.ts';

/** A turn that has its answer, and about which nothing is decided yet. */
export interface OpenTurn {
  row: TakenTurn['row'];
  text: boolean;
  calls: ToolCall[];
  /** An earlier try, or an earlier stretch, made some of its calls. */
  resumed: boolean;
  /** Some of its calls are not run, since something came first. */
  skipped: boolean;
}

/** An open turn as an earlier try left it. */
export async function readOpenTurn(store: Store, run: Run, turn: number): Promise<OpenTurn> {
  const [row, calls, text] = await Promise.all([
    store.turns.get(run.organization_id, run.id, turn),
    store.toolCalls.ofTurn(run.id, turn),
    store.transcripts.hasText(run.id, turn),
  ]);
  return { row, calls, text: text && row.stop_reason !== 'refusal', resumed: true, skipped: false };
}

/** The facts of an answer that an earlier try stored. */
export const factsOfRow = (row: TakenTurn['row'], run: Run): AnswerFacts => ({
  turn: row.turn,
  run_cost_micros: run.cost_micros,
  context_tokens: conversationTokens(row),
  took_ms: Math.max(0, row.ended_at.getTime() - row.started_at.getTime()),
  answered_at: row.ended_at,
});
