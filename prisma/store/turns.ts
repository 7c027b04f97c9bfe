import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Message, Run, ToolCall, Turn } from '../generated/client.ts';
import { isUniqueViolation } from '../client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { insertRun } from './runs.ts';
import { acceptMessage } from './messages.ts';
import { hold, releaseHold, scopesOf, settle, type BudgetRow, type CostEntry } from './money.ts';

export interface StoredMessage {
  seq: number;
  turn: number;
  role: 'user' | 'assistant';
  /** JSON of the content blocks, byte for byte as it is sent. */
  content: string;
}

export interface BeginTurn {
  organization_id: string;
  run_id: string;
  turn: number;
  /** Counts the loop's calls of the model: what a repeated activity has added already is not added again. */
  call_no: number;
}

/** What a new user message is made of; `compose` turns it into content blocks. */
export interface TurnMaterial {
  run: Run;
  /** Calls of the turn before, in order, each with its result; empty when they were answered already. */
  calls: ToolCall[];
  /** Opens an attempt or iteration: the context block and what was wrong before. */
  opening: string | null;
  messages: Message[];
  /** What the turn's user messages say already, as stored: of a call before this one that brought no answer. */
  said: string[];
}

export interface PreparedTurn {
  run: Run;
  /** Set when this turn was stored before: nobody is called. */
  stored?: { turn: Turn; calls: ToolCall[] };
  last_seq: number;
  delivered: string[];
}

export interface FinishedTurn {
  organization_id: string;
  run_id: string;
  turn: number;
  call_no: number;
  iteration: number;
  epoch: number;
  model: string;
  stop_reason: string;
  content: string;
  calls: { position: number; tool_use_id: string; name: string; input: string; problem?: { text: string; kind: string } }[];
  request_bytes: number;
  shared_bytes: number;
  model_attempts: number;
  started_at: Date;
  cost: CostEntry;
}

export function turnsStore(core: StoreCore, thresholds: { critical: number }) {
  async function storedTurn(tx: Transaction, runId: string, turn: number) {
    const row = await tx.turn.findUnique({ where: { run_id_turn: { run_id: runId, turn } } });
    return row && { turn: row, calls: await tx.toolCall.findMany({ where: { run_id: runId, turn }, orderBy: { position: 'asc' } }) };
  }

  return {
    /**
     * Makes the turn's user message, once: results of the turn before, an opening, undelivered messages, notices.
     * A message handed over here is delivered; one that comes later joins the same turn if its call is repeated,
     * else the next.
     */
    begin: (input: BeginTurn, compose: (material: TurnMaterial) => unknown[]) =>
      core.change(async (tx, emit): Promise<PreparedTurn> => {
        const [locked] = await tx.$queryRaw<{ last_seq: number | null }[]>`
          SELECT (SELECT max(seq) FROM transcript WHERE run_id = runs.id) AS last_seq FROM runs
          WHERE id = ${input.run_id}::uuid AND organization_id = ${input.organization_id}::uuid FOR UPDATE`;
        if (!locked) throw notFound('run');
        const run = await tx.run.findUniqueOrThrow({ where: { id: input.run_id } });
        if (run.turn >= input.turn) {
          const stored = await storedTurn(tx, run.id, input.turn);
          if (stored) return { run, stored, last_seq: locked.last_seq ?? 0, delivered: [] };
        }
        const said = await tx.transcriptMessage.findMany({ where: { run_id: run.id, epoch: run.epoch, turn: input.turn, role: 'user' }, select: { content: true } });
        const first = said.length === 0;
        const calls = first && input.turn > 1 ? await tx.toolCall.findMany({ where: { run_id: run.id, turn: input.turn - 1 }, orderBy: { position: 'asc' } }) : [];
        const messages = await tx.message.findMany({ where: { run_id: run.id, delivered_at_turn: null, refused_reason: null }, orderBy: { created_at: 'asc' } });
        const fresh = run.call_no < input.call_no;
        const opening = fresh ? run.pending_opening : null;
        const blocks = compose({ run, calls, opening: first && input.turn === 1 ? run.opening : opening, messages, said: said.map((row) => row.content) });
        let seq = locked.last_seq ?? 0;
        if (blocks.length > 0) {
          seq += 1;
          await tx.transcriptMessage.create({ data: { run_id: run.id, seq, epoch: run.epoch, turn: input.turn, role: 'user', content: JSON.stringify(blocks) } });
        }
        await deliver(tx, emit, run, input.turn, messages);
        await tx.run.update({ where: { id: run.id }, data: { call_no: input.call_no, pending_opening: opening === null ? undefined : null } });
        return { run, last_seq: seq, delivered: messages.map((message) => message.id) };
      }),

    /** Conversation of an epoch from a sequence number on: append-only, so a caller keeps what it has. */
    conversation: (runId: string, epoch: number, afterSeq = 0) =>
      core.read(async (db): Promise<StoredMessage[]> => {
        const rows = await db.transcriptMessage.findMany({ where: { run_id: runId, epoch, seq: { gt: afterSeq } }, orderBy: { seq: 'asc' }, select: { seq: true, turn: true, role: true, content: true } });
        return rows as StoredMessage[];
      }),

    /** Holds the money of a call in every budget it counts against, the run's own limit among them. */
    reserve: (run: Run, key: string, estimate: { wanted: number; least: number }): Promise<{ ok: true; held_micros: number } | { ok: false; budget: BudgetRow; spent: boolean }> =>
      core.change((tx) => hold(tx, { key, organization_id: run.organization_id, run_id: run.id, scopes: scopesOf({ ...run, run_id: run.id }), ...estimate })),

    /** Stores a finished turn with its calls and cost, once. A second answer to the same turn is paid for and dropped. */
    finish: async (done: FinishedTurn): Promise<{ stored: true; calls: ToolCall[]; turn: Turn }> => {
      try {
        return await core.change(async (tx, emit) => {
          const run = await tx.run.findFirstOrThrow({ where: { id: done.run_id, organization_id: done.organization_id } });
          const { cost } = done;
          const turn = await tx.turn.create({
            data: {
              run_id: done.run_id, turn: done.turn, organization_id: done.organization_id, epoch: done.epoch, iteration: done.iteration, model: done.model, stop_reason: done.stop_reason,
              input_tokens: cost.input_tokens, output_tokens: cost.output_tokens, cache_read_tokens: cost.cache_read_tokens, cache_write_tokens: cost.cache_write_tokens, cost_micros: cost.cost_micros,
              request_bytes: done.request_bytes, shared_bytes: done.shared_bytes, model_attempts: done.model_attempts, started_at: done.started_at, ended_at: new Date(),
            },
          });
          await tx.$executeRaw`
            INSERT INTO transcript (run_id, seq, epoch, turn, role, content)
            SELECT ${done.run_id}::uuid, coalesce(max(seq), 0) + 1, ${done.epoch}, ${done.turn}, 'assistant', ${done.content} FROM transcript WHERE run_id = ${done.run_id}::uuid`;
          const calls = done.calls.length === 0 ? [] : await tx.toolCall.createManyAndReturn({
            data: done.calls.map(({ problem, ...call }) => ({ ...call, run_id: done.run_id, turn: done.turn, organization_id: done.organization_id, ...(problem ? { status: 'done', result: problem.text, is_error: true, error_kind: problem.kind, ended_at: new Date() } : {}) })),
          });
          await tx.run.update({
            where: { id: done.run_id },
            data: {
              turn: done.turn, iteration: done.iteration, last_work_at: new Date(), cost_micros: { increment: cost.cost_micros },
              input_tokens: { increment: cost.input_tokens }, output_tokens: { increment: cost.output_tokens }, cache_read_tokens: { increment: cost.cache_read_tokens }, cache_write_tokens: { increment: cost.cache_write_tokens },
            },
          });
          await settle(tx, emit, cost, thresholds);
          emit({
            type: 'run.turn.completed', organization_id: done.organization_id, project_id: run.project_id, entity: { kind: 'run', id: done.run_id },
            data: { run_id: done.run_id, task_id: run.task_id, spec_id: run.spec_id, turn: done.turn, iteration: done.iteration, model: done.model, stop_reason: done.stop_reason, block_count: done.calls.length, tools: done.calls.map((call) => call.name), cost_micros: cost.cost_micros, total_cost_micros: run.cost_micros + cost.cost_micros },
          });
          return { stored: true as const, calls, turn };
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        // Another process answered this turn first; its answer stands, but this one was paid for too.
        await core.change((tx, emit) => settle(tx, emit, { ...done.cost, key: `${done.cost.key}:repeated:${done.call_no}` }, thresholds));
        const stored = await core.read((db) => db.$transaction((tx) => storedTurn(tx, done.run_id, done.turn)));
        if (!stored) throw error;
        return { stored: true, ...stored };
      }
    },

    /** A call that was given up: what it had used by then is paid. */
    settleUnfinished: (cost: CostEntry) => core.change((tx, emit) => settle(tx, emit, cost, thresholds)),
    releaseHold: (key: string) => core.change((tx) => releaseHold(tx, key)),

    /** Writes the next epoch of a conversation and makes it the current one, once. */
    startEpoch: (organizationId: string, runId: string, from: number, rows: { turn: number; role: string; content: string }[], facts: object) =>
      core.change(async (tx, emit) => {
        const moved = await tx.run.updateMany({ where: { id: runId, organization_id: organizationId, epoch: from }, data: { epoch: from + 1 } });
        if (moved.count === 0) return;
        const run = await tx.run.update({ where: { id: runId }, data: { epoch_turn: { set: Math.max(0, ...rows.map((row) => row.turn)) } } });
        const { _max: max } = await tx.transcriptMessage.aggregate({ where: { run_id: runId }, _max: { seq: true } });
        await tx.transcriptMessage.createMany({ data: rows.map((row, i) => ({ run_id: runId, seq: (max.seq ?? 0) + 1 + i, epoch: from + 1, turn: row.turn, role: row.role, content: row.content })) });
        emit({ type: 'run.context.compacted', organization_id: organizationId, project_id: run.project_id, entity: { kind: 'run', id: runId }, data: { run_id: runId, epoch: from + 1, turn: run.turn, ...facts } });
      }),

    /** Copies a run up to a turn: its current epoch's conversation, its calls, and a message that says what to do otherwise. */
    fork: (organizationId: string, fork: { source_id: string; turn: number; run_id: string; branch: string; head_sha: string; sandbox_id: string; sandbox_host: string | null; max_usd: number; title: string; instruction: { content: string; actor: string } }) =>
      core.change(async (tx, emit) => {
        const source = await tx.run.findFirstOrThrow({ where: { id: fork.source_id, organization_id: organizationId } });
        const { _max: last } = await tx.transcriptMessage.aggregate({ where: { run_id: source.id, turn: fork.turn, role: 'assistant' }, _max: { epoch: true } });
        const epoch = last.epoch ?? 0;
        const run = await insertRun(tx, emit, {
          id: fork.run_id, organization_id: organizationId, project_id: source.project_id, spec_id: source.spec_id, ticket_id: source.ticket_id, task_id: null, kind: source.kind, mode: source.mode, phase: source.phase, attempt: 1, title: fork.title, provider: source.provider, model: source.model,
          sandbox_id: fork.sandbox_id, sandbox_host: fork.sandbox_host, branch: fork.branch, base_sha: source.base_sha as string, head_sha: fork.head_sha, opening: source.opening, system_prompt: source.system_prompt, tools: source.tools, goal: source.goal, limits: source.limits as object, terms: source.terms as object, max_usd: fork.max_usd,
          forked_from_run_id: source.id, forked_from_turn: fork.turn,
        });
        await tx.run.update({ where: { id: run.id }, data: { turn: fork.turn, todo: source.todo as object } });
        const copy = [fork.run_id, source.id, fork.turn] as const;
        await tx.$executeRaw`
          INSERT INTO transcript (run_id, seq, epoch, turn, role, content)
          SELECT ${copy[0]}::uuid, row_number() OVER (ORDER BY seq), 0, turn, role, content FROM transcript WHERE run_id = ${copy[1]}::uuid AND epoch = ${epoch} AND turn <= ${copy[2]}`;
        await tx.$executeRaw`
          INSERT INTO turns (run_id, turn, organization_id, epoch, iteration, model, stop_reason, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros, request_bytes, shared_bytes, model_attempts, files_changed, started_at, ended_at)
          SELECT ${copy[0]}::uuid, turn, organization_id, 0, iteration, model, stop_reason, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, 0, request_bytes, shared_bytes, model_attempts, files_changed, started_at, ended_at FROM turns WHERE run_id = ${copy[1]}::uuid AND turn <= ${copy[2]}`;
        await tx.$executeRaw`
          INSERT INTO tool_calls (run_id, turn, position, organization_id, tool_use_id, name, input, status, plan, result, is_error, error_kind, exit_code, duration_ms, tree_before, tree_after, blob_id, started_at, ended_at)
          SELECT ${copy[0]}::uuid, turn, position, organization_id, tool_use_id, name, input, 'done', plan, coalesce(result, 'This call was not finished when the run was forked.'), is_error OR status <> 'done', error_kind, exit_code, duration_ms, tree_before, tree_after, blob_id, started_at, ended_at
          FROM tool_calls WHERE run_id = ${copy[1]}::uuid AND turn <= ${copy[2]}`;
        await acceptMessage(tx, emit, { organization_id: organizationId, run_id: run.id, kind: 'user_message', rank: 'boundary', ...fork.instruction });
        emit({ type: 'run.forked', organization_id: organizationId, project_id: run.project_id, entity: { kind: 'run', id: source.id }, data: { run_id: source.id, fork_id: run.id, turn: fork.turn } });
        return run;
      }),

    /** Whether the model said anything in a turn, besides calling tools. */
    hasText: (runId: string, turn: number) =>
      core.read(async (db) => {
        const row = await db.transcriptMessage.findFirst({ where: { run_id: runId, turn, role: 'assistant' }, orderBy: { seq: 'desc' } });
        const blocks = row ? (JSON.parse(row.content) as { type: string; text?: string }[]) : [];
        return blocks.some((block) => block.type === 'text' && (block.text ?? '').trim() !== '');
      }),

    list: (organizationId: string, runId: string, after: number, limit: number) =>
      core.read(async (db) => {
        const turns = await db.turn.findMany({ where: { run_id: runId, organization_id: organizationId, turn: { gt: after } }, orderBy: { turn: 'asc' }, take: limit });
        const range = { run_id: runId, turn: { in: turns.map((turn) => turn.turn) } };
        const [calls, messages, checkpoints] = [
          await db.toolCall.findMany({ where: range, orderBy: [{ turn: 'asc' }, { position: 'asc' }] }),
          await db.transcriptMessage.findMany({ where: { ...range }, orderBy: { seq: 'asc' } }),
          await db.checkpoint.findMany({ where: range }),
        ];
        return { turns, calls, messages, checkpoints };
      }),

    get: async (organizationId: string, runId: string, turn: number): Promise<Turn> => {
      const row = await core.read((db) => db.turn.findFirst({ where: { run_id: runId, turn, organization_id: organizationId } }));
      if (!row) throw notFound('turn');
      return row;
    },
  };
}

/** Receipts: each message is marked with the turn that takes it, and an intervention learns of its delivery. */
async function deliver(tx: Transaction, emit: (event: NewEvent) => void, run: Run, turn: number, messages: Message[]): Promise<void> {
  if (messages.length === 0) return;
  const now = new Date();
  await tx.message.updateMany({ where: { id: { in: messages.map((message) => message.id) } }, data: { delivered_at_turn: turn, delivered_at: now } });
  for (const message of messages) {
    const base = { organization_id: run.organization_id, project_id: run.project_id, entity: { kind: 'run', id: run.id } };
    emit({ ...base, type: 'run.message.delivered', data: { run_id: run.id, message_id: message.id, message_type: message.kind, content: message.content, sender_id: message.actor, turn } });
    if (!message.intervention_id) continue;
    await tx.intervention.updateMany({ where: { id: message.intervention_id }, data: { status: 'delivered', delivered_at: now, delivered_at_turn: turn } });
    emit({ ...base, type: 'guardian.intervention.delivered', data: { run_id: run.id, intervention_id: message.intervention_id, turn } });
  }
}

/** Thrown where a stored conversation contradicts itself: never expected, never hidden. */
export const brokenTranscript = (runId: string, what: string) => new AppError('internal', `The transcript of run ${runId} is broken: ${what}.`);
