import type { SentResult } from '#workflows/domain/agent/program-request.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { fenced } from '#workflows/domain/errors.ts';
import { Prisma, type Run as RunRow } from '../generated/client.ts';
import { rowsOf, type FinishedTurn } from './finished-turn.ts';
import type { StoreCore } from './core.ts';
import { runRow, type Run } from './json.ts';
import type { RunOwner } from './ownership.ts';
import { receipts } from './receipts.ts';
import { recordCost, type CostEntry } from './recorded-costs.ts';

/** An answered request of a program in a sandbox. Texts are without secrets. */
export interface ProgramTurn extends Omit<FinishedTurn, 'run' | 'turn' | 'iteration' | 'cost'> {
  run: Pick<Run, 'id' | 'organization_id'>;
  cost: CostEntry;
  request_hash: string;
  /** What the request adds to the conversation: JSON of its blocks, their text, and the results of calls in them. */
  added: { content: string; text: string; results: SentResult[] };
}

/** What a stretch looks at while a program carries the run on. */
export interface ProgramPulse {
  turn: number;
  cost_micros: number;
  called_back: number;
  /** A request is under way: the calls of the newest turn have ended. */
  asks: boolean;
}

const resultChars = 30_000;

/** Turns of runs that a program in their sandbox carries on. The gateway stores each with its cost, as it sees it. */
export function programTurnsStore(core: StoreCore, thresholds: { critical: number }) {
  return {
    /** The answer to a run's newest request, where it had these messages: its client may not have got it. */
    answered: (run: Pick<Run, 'id' | 'turn'>, hash: string) =>
      core.read(async (db) => {
        const key = { run_id: run.id, turn: run.turn };
        const turn = await db.turn.findUnique({ where: { run_id_turn: key } });
        if (turn?.request_hash !== hash) return undefined;
        const said = await db.transcriptMessage.findFirst({ where: { ...key, role: 'assistant' } });
        return said ? { turn, content: JSON.parse(said.content) as unknown[] } : undefined;
      }),

    /** How the run stands. @throws fenced when a newer stretch has taken the run. */
    pulse: async (run: RunOwner): Promise<ProgramPulse> => {
      const [now] = await core.statement<ProgramPulse>(Prisma.sql`
        SELECT turn, cost_micros, called_back, EXISTS (
          SELECT 1 FROM reservations WHERE run_id = r.id AND state = 'held' AND id LIKE 'gateway:%'
        ) AS asks
        FROM runs r
        WHERE id = ${run.id}::uuid AND owner = ${run.owner}`);
      if (!now) throw fenced();
      return now;
    },

    /**
     * Stores an answer as the run's next turn, in the transaction of its cost, once: with the results of the calls before
     * it, and the messages and the opening that its request delivered.
     */
    finishProgramTurn: (done: ProgramTurn): Promise<void> =>
      core.change(async (tx, emit) => {
        const { cost, added } = done;
        if (!(await recordCost(tx, emit, cost, thresholds))) return;
        const [row] = await tx.$queryRaw<RunRow[]>`
          SELECT * FROM runs WHERE id = ${done.run.id}::uuid FOR NO KEY UPDATE`;
        if (!row) return;
        const run = runRow(row);
        const turn = run.turn + 1;
        const iteration = run.loop?.state.iteration ?? run.iteration;
        const { turn: turnRow, calls, completed } = rowsOf({ ...done, run, turn, iteration }, new Date());
        const where = { run_id: run.id };
        for (const { tool_use_id, text, is_error, exit_code } of added.results) {
          const open = await tx.toolCall.findFirst({ where: { ...where, tool_use_id, status: { not: 'done' } } });
          if (!open) continue;
          const ended = new Date();
          const duration = open.started_at ? ended.getTime() - open.started_at.getTime() : 0;
          await tx.toolCall.update({
            where: { run_id_turn_position: { run_id: run.id, turn: open.turn, position: open.position } },
            data: {
              status: 'done',
              result: cutStart(text, resultChars),
              is_error,
              error_kind: is_error ? 'failed' : null,
              exit_code: open.name === 'Bash' ? exit_code : null,
              duration_ms: duration,
              ended_at: ended,
            },
          });
          emit({
            type: 'run.tool.completed',
            organization_id: run.organization_id,
            project_id: run.project_id,
            entity: { kind: 'run', id: run.id },
            data: {
              run_id: run.id,
              turn: open.turn,
              position: open.position,
              tool: open.name,
              tool_use_id,
              is_error,
              exit_code: open.name === 'Bash' ? exit_code : null,
              duration_ms: duration,
              result: cutStart(text, 500),
            },
          });
        }
        await tx.turn.create({ data: { ...turnRow, files_changed: undefined } });
        const { _max: last } = await tx.transcriptMessage.aggregate({ where, _max: { seq: true } });
        const said = [
          { role: 'user', content: added.content },
          { role: 'assistant', content: done.content },
        ];
        await tx.transcriptMessage.createMany({
          data: said.map((message, i) => ({
            ...message,
            run_id: run.id,
            seq: (last.seq ?? 0) + 1 + i,
            epoch: run.epoch,
            turn,
          })),
        });
        await tx.toolCall.createMany({
          data: calls.map(({ edit_plan: _plan, view: _view, outcome: _outcome, ...call }) => ({
            ...call,
            status: call.status === 'pending' ? 'running' : call.status,
            started_at: turnRow.ended_at,
          })),
        });
        const waiting = await tx.message.findMany({
          where: { ...where, delivered_at_turn: null, refused_reason: null },
        });
        const delivered = waiting.filter(({ id }) => added.text.includes(id));
        const at = { delivered_at_turn: turn, delivered_at: new Date() };
        await tx.message.updateMany({ where: { id: { in: delivered.map(({ id }) => id) } }, data: at });
        await tx.intervention.updateMany({
          where: { id: { in: delivered.flatMap(({ intervention_id: id }) => id ?? []) } },
          data: { ...at, status: 'delivered' },
        });
        for (const event of receipts(run, turn, delivered)) emit(event);
        const opened = run.pending_opening !== null && added.text.includes(run.pending_opening);
        await tx.run.update({
          where: { id: run.id },
          data: {
            turn,
            iteration,
            last_work_at: new Date(),
            ...(opened ? { pending_opening: null } : {}),
            cost_micros: { increment: cost.cost_micros },
            input_tokens: { increment: cost.input_tokens },
            output_tokens: { increment: cost.output_tokens },
            cache_read_tokens: { increment: cost.cache_read_tokens },
            cache_write_tokens: { increment: cost.cache_write_tokens },
          },
        });
        emit(completed);
      }),

    /** Closes calls whose results no later request will bring. */
    closeProgramCalls: async (run: RunOwner, text: string): Promise<void> => {
      await core.statement(Prisma.sql`
        UPDATE tool_calls
        SET status = 'done', result = ${text}, ended_at = now()
        WHERE run_id = ${run.id}::uuid AND status <> 'done'
          AND EXISTS (SELECT 1 FROM runs WHERE id = ${run.id}::uuid AND owner = ${run.owner})`);
    },
  };
}
