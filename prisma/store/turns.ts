import type { NightTerms } from '#workflows/domain/agent/night-terms.ts';
import { fenced, notFound } from '#workflows/domain/errors.ts';
import { scopesOf } from '#workflows/domain/billing/scopes.ts';
import { Prisma, type Run as RunRow, type Turn } from '../generated/client.ts';
import { isUniqueViolation } from '../client.ts';
import { isSameAnswer, rowsOf, type FinishedTurn } from './finished-turn.ts';
import { eventsSql, jsonParameter, type StoreCore } from './core.ts';
import {
  emitCrossings,
  costRecordedEvent,
  recordCost,
  recordCostSql,
  withNewCrossings,
  type CostEntry,
  type RecordedCost,
} from './recorded-costs.ts';
import {
  reservationResult,
  reserveSql,
  releaseSql,
  budgetRow,
  type BudgetRow,
  type ReservationAnswer,
  type ReservationResult,
} from './reservations.ts';
import { runRow, toolCallRow, type Run, type StoredLoop, type ToolCall } from './json.ts';
import type { RunOwner } from './ownership.ts';
import { receipts, type InboxRow } from './receipts.ts';
import type { StoredMessage } from './transcripts.ts';

export interface TurnRef {
  organization_id: string;
  run_id: string;
  turn: number;
}

/** A call as the next user message reports it. */
export type AnsweredRow = Pick<ToolCall, 'position' | 'tool_use_id' | 'result' | 'is_error' | 'status' | 'blob_id'> & {
  /** The file that the call read or wrote. */
  path: string | null;
};

/** The data from which a turn's user message is composed. */
export interface TurnMaterial {
  run: Run;
  /** Changes with every change of the run's row. */
  version: string;
  /** Set when this turn was stored before: the model is not called again. */
  stored?: StoredTurn;
  /** The current epoch's conversation after the requested sequence number. */
  rows: StoredMessage[];
  /** Calls of the turn before, in order, each with its result. */
  calls: AnsweredRow[];
  /** Undelivered messages. */
  messages: InboxRow[];
  /** Why all runs of the provider wait for a person, by the own key that it refuses; empty: the platform's key. */
  model_pauses: { model_key_id: string; message: string }[];
  /** What the launch of the run's spec, or of its ticket without one, says for the night; null: nothing, or it has ended. */
  night: NightTerms | null;
  spec_paused: boolean;
}

export interface StoredTurn {
  turn: Turn;
  calls: ToolCall[];
}

export interface BegunTurn {
  run: Run;
  version: string;
  turn: number;
  /** Number of the loop's model call, so that a repeated activity adds nothing twice. */
  call_no: number;
  /** The new user message; null where a repeated call adds none. */
  message: StoredMessage | null;
  /** The messages that the user message delivers. */
  delivered: InboxRow[];
  /** The opening that waited for this call was used. */
  opened: boolean;
  /** Key of the reservation. `wanted` and `least` are micro-dollars. */
  key: string;
  wanted: number;
  least: number;
  /** The loop's state with which the turn begins; absent: a loop that Temporal carries. */
  loop?: StoredLoop;
}

export function turnsStore(core: StoreCore, thresholds: { critical: number }) {
  const storedTurn = (runId: string, turn: number) =>
    core.read(async (db): Promise<StoredTurn | undefined> => {
      const row = await db.turn.findUnique({ where: { run_id_turn: { run_id: runId, turn } } });
      return row
        ? {
            turn: row,
            calls: (await db.toolCall.findMany({ where: { run_id: runId, turn }, orderBy: { position: 'asc' } })).map(
              toolCallRow,
            ),
          }
        : undefined;
    });

  /** The cost of an answer that came too late to be stored counts too. */
  const recordRepeated = ({ cost, call_no }: FinishedTurn) =>
    core.change((tx, emit) => recordCost(tx, emit, { ...cost, key: `${cost.key}:repeated:${call_no}` }, thresholds));

  async function emitNewCrossings(
    about: { organization_id: string; project_id: string | null },
    budgets: BudgetRow[],
  ): Promise<void> {
    const crossed = withNewCrossings(budgets, thresholds.critical);
    if (crossed.length > 0)
      await core.change((tx, emit) => emitCrossings(tx, emit, about, crossed, thresholds.critical));
  }

  return {
    /** Reads the data of a turn's user message, with the conversation after a sequence number. */
    material: async ({ organization_id, run_id, turn }: TurnRef, afterSeq: number): Promise<TurnMaterial> => {
      const [found] = await core.statement<RunRow & Omit<TurnMaterial, 'run' | 'stored'>>(Prisma.sql`
        SELECT
          r.*,
          r.xmin::text AS version,
          (
            SELECT coalesce(json_agg(json_build_object(
              'seq', seq, 'turn', turn, 'role', role, 'content', content
            ) ORDER BY seq), '[]')
            FROM transcript
            WHERE run_id = r.id AND seq > ${afterSeq} AND epoch = r.epoch
          ) AS rows,
          (
            SELECT coalesce(json_agg(json_build_object(
              'position', position, 'tool_use_id', tool_use_id, 'result', result, 'is_error', is_error,
              'status', status, 'blob_id', blob_id, 'path', coalesce(view, edit_plan)->>'path'
            ) ORDER BY position), '[]')
            FROM tool_calls
            WHERE run_id = r.id AND turn = ${turn - 1}
          ) AS calls,
          (
            SELECT coalesce(json_agg(json_build_object(
              'id', id, 'kind', kind, 'steer_kind', steer_kind, 'content', content,
              'actor', actor, 'intervention_id', intervention_id
            ) ORDER BY created_at), '[]')
            FROM messages
            WHERE run_id = r.id AND delivered_at_turn IS NULL AND refused_reason IS NULL
          ) AS messages,
          (
            SELECT coalesce(json_agg(json_build_object('model_key_id', model_key_id, 'message', message)), '[]')
            FROM model_pauses
            WHERE organization_id = r.organization_id AND provider = r.provider
          ) AS model_pauses,
          CASE
            WHEN r.spec_id IS NULL THEN (SELECT night FROM tickets WHERE id = r.ticket_id AND ended_at IS NULL)
            ELSE (SELECT night FROM specs WHERE id = r.spec_id AND ended_at IS NULL)
          END AS night,
          EXISTS (SELECT 1 FROM specs WHERE id = r.spec_id AND status = 'paused') AS spec_paused
        FROM runs r
        WHERE r.id = ${run_id}::uuid AND r.organization_id = ${organization_id}::uuid`);
      if (!found) throw notFound('run');
      const { version, rows, calls, messages, model_pauses, night, spec_paused, ...row } = found;
      const run = runRow(row);
      return {
        run,
        version,
        rows,
        calls,
        messages,
        model_pauses,
        night,
        spec_paused,
        stored: run.turn >= turn ? await storedTurn(run.id, turn) : undefined,
      };
    },

    /**
     * Stores the turn's user message, marks its messages as delivered and reserves the money of the call in every
     * budget of the run, in one statement. A message that arrives later joins the same turn if its call is repeated,
     * otherwise the next turn.
     * @returns null when the run has changed since its material was read. Then nothing is stored.
     */
    begin: async (start: BegunTurn): Promise<ReservationResult | null> => {
      const { run, turn, message, delivered } = start;
      const ids = delivered.map(({ id }) => id);
      const interventions = delivered.flatMap(({ intervention_id: id }) => (id ? [id] : []));
      const unchanged = Prisma.sql`EXISTS (SELECT 1 FROM _run)`;
      const answer = await core.statement<ReservationAnswer & { unchanged: boolean }>(
        Prisma.sql`
          WITH _run AS (
            UPDATE runs
            SET
              call_no = ${start.call_no},
              loop = ${start.loop ? Prisma.sql`${jsonParameter(start.loop)}::jsonb` : Prisma.sql`loop`},
              pending_opening = CASE WHEN ${start.opened} THEN NULL ELSE pending_opening END
            WHERE id = ${run.id}::uuid AND xmin::text = ${start.version}
            RETURNING id
          ),
          ${
            message
              ? Prisma.sql`
          _inserted_message AS (
            INSERT INTO transcript (run_id, seq, epoch, turn, role, content)
            SELECT id, ${message.seq}, ${run.epoch}, ${turn}, ${message.role}, ${message.content}
            FROM _run
          ),`
              : Prisma.empty
          }
          ${
            ids.length > 0
              ? Prisma.sql`
          _delivered_messages AS (
            UPDATE messages
            SET delivered_at_turn = ${turn}, delivered_at = now()
            WHERE id = ANY(${ids}::uuid[]) AND ${unchanged}
          ),
          _delivered_interventions AS (
            UPDATE steering_interventions
            SET status = 'delivered', delivered_at = now(), delivered_at_turn = ${turn}
            WHERE id = ANY(${interventions}::uuid[]) AND ${unchanged}
          ),`
              : Prisma.empty
          }
          ${reserveSql({ key: start.key, organization_id: run.organization_id, run_id: run.id, scopes: scopesOf({ ...run, run_id: run.id }), wanted: start.wanted, least: start.least }, unchanged)}
          ${ids.length > 0 ? Prisma.sql`, ${eventsSql(run.organization_id, core.checked(receipts(run, turn, delivered)), Prisma.sql`${unchanged} AND (SELECT count(*) FROM _answer) > 0`)}` : Prisma.empty}
          SELECT *, ${unchanged} AS unchanged FROM _answer`,
        ids.length > 0 ? run.organization_id : undefined,
      );
      const [held] = answer;
      return held?.unchanged ? reservationResult(held, start.least) : null;
    },

    /**
     * Stores a finished turn with its calls and cost once. Of a second answer only the cost is recorded.
     * @throws fenced when a newer stretch has taken the run: the cost is recorded all the same.
     */
    finish: async (done: FinishedTurn): Promise<StoredTurn> => {
      const { run, cost } = done;
      const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros } = cost;
      const { turn, calls, completed } = rowsOf(done, new Date());
      try {
        const [recorded] = await core.statement<RecordedCost & { stored: boolean }>(
          Prisma.sql`
            WITH _run AS (
              UPDATE runs
              SET
                turn = ${done.turn},
                iteration = ${done.iteration},
                loop = ${done.loop ? Prisma.sql`${jsonParameter(done.loop)}::jsonb` : Prisma.sql`loop`},
                last_work_at = now(),
                cost_micros = cost_micros + ${cost_micros},
                input_tokens = input_tokens + ${input_tokens},
                output_tokens = output_tokens + ${output_tokens},
                cache_read_tokens = cache_read_tokens + ${cache_read_tokens},
                cache_write_tokens = cache_write_tokens + ${cache_write_tokens}
              WHERE id = ${run.id}::uuid AND owner = ${run.owner}
              RETURNING id
            ),
            _turn AS (
              INSERT INTO turns
              SELECT (jsonb_populate_record(null::turns, ${jsonParameter(turn)}::jsonb)).*
              FROM _run
              RETURNING turn
            ),
            _inserted_message AS (
              INSERT INTO transcript (run_id, seq, epoch, turn, role, content)
              SELECT
                ${run.id}::uuid,
                (SELECT coalesce(max(seq), 0) + 1 FROM transcript WHERE run_id = ${run.id}::uuid),
                ${run.epoch},
                turn,
                'assistant',
                ${done.content}
              FROM _turn
            ),
            _inserted_calls AS (
              INSERT INTO tool_calls
              SELECT c.*
              FROM _turn, jsonb_populate_recordset(null::tool_calls, ${jsonParameter(calls)}::jsonb) c
            ),
            ${recordCostSql(cost, Prisma.sql`EXISTS (SELECT 1 FROM _run)`)},
            ${eventsSql(run.organization_id, core.checked([completed, costRecordedEvent(cost)]), Prisma.sql`(SELECT count(*) FROM _cost) > 0`)}
            SELECT *, EXISTS (SELECT 1 FROM _run) AS stored FROM _cost`,
          run.organization_id,
        );
        if (!recorded?.stored) {
          await recordRepeated(done);
          throw fenced();
        }
        await emitNewCrossings(cost, recorded.budgets ?? []);
        return { calls, turn };
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        const stored = await storedTurn(run.id, done.turn);
        // Another process stored its answer to this turn first; or this write was stored, and its answer was lost.
        if (!stored || !isSameAnswer(stored.turn, done)) await recordRepeated(done);
        if (!stored) throw error;
        return stored;
      }
    },

    /** Emits the limits that a run has crossed, where a process died before it could. */
    emitCrossedLimits: async (run: Run): Promise<void> => {
      const scopes = scopesOf({ ...run, run_id: run.id }).map(({ type, id }) => ({ scope_type: type, scope_id: id }));
      await emitNewCrossings(
        run,
        (
          await core.read((db) => db.budget.findMany({ where: { organization_id: run.organization_id, OR: scopes } }))
        ).map(budgetRow),
      );
    },

    /** Records the cost of an aborted call by its usage so far. */
    recordUnfinished: (cost: CostEntry) => core.change((tx, emit) => recordCost(tx, emit, cost, thresholds)),
    /** Frees the money of a call that brought no answer. A newer stretch has reserved it for its own call. */
    releaseReservation: async (run: RunOwner, key: string): Promise<void> => {
      const [now] = await core.statement<{ id: string }>(
        Prisma.sql`SELECT id FROM runs WHERE id = ${run.id}::uuid AND owner = ${run.owner}`,
      );
      if (now) await core.statement(releaseSql(key, run.organization_id));
    },

    list: (organizationId: string, runId: string, after: number, limit: number) =>
      core.read(async (db) => {
        const turns = await db.turn.findMany({
          where: { run_id: runId, organization_id: organizationId, turn: { gt: after } },
          orderBy: { turn: 'asc' },
          take: limit,
        });
        const range = { run_id: runId, turn: { in: turns.map((turn) => turn.turn) } };
        const [calls, messages, checkpoints] = [
          (await db.toolCall.findMany({ where: range, orderBy: [{ turn: 'asc' }, { position: 'asc' }] })).map(
            toolCallRow,
          ),
          await db.transcriptMessage.findMany({ where: { ...range }, orderBy: { seq: 'asc' } }),
          await db.checkpoint.findMany({ where: range }),
        ];
        return { turns, calls, messages, checkpoints };
      }),

    get: async (organizationId: string, runId: string, turn: number): Promise<Turn> => {
      const row = await core.read((db) =>
        db.turn.findFirst({ where: { run_id: runId, turn, organization_id: organizationId } }),
      );
      if (!row) throw notFound('turn');
      return row;
    },
  };
}
