import { acceptMessage } from './messages.ts';
import type { StoreCore, Transaction } from './core.ts';
import { asJson, runRow, type Run } from './json.ts';
import { insertRun, type NewRun } from './new-run.ts';

export interface StoredMessage {
  seq: number;
  turn: number;
  role: 'user' | 'assistant';
  /** JSON of the content blocks, byte for byte as it is sent. */
  content: string;
}

/**
 * Copies the conversation of a run up to a turn, in the epoch of that turn, with its turns and calls. The run that gets
 * it continues after that turn.
 */
async function copyConversation(
  tx: Transaction,
  source: Run,
  { to, turn, opening }: { to: string; turn: number; opening?: string },
): Promise<Run> {
  const from = source.id;
  const { _max: last } = await tx.transcriptMessage.aggregate({
    where: { run_id: from, turn, role: 'assistant' },
    _max: { epoch: true },
  });
  const epoch = last.epoch ?? 0;
  await tx.$executeRaw`
    INSERT INTO transcript (run_id, seq, epoch, turn, role, content)
    SELECT ${to}::uuid, row_number() OVER (ORDER BY seq), 0, turn, role, content
    FROM transcript
    WHERE run_id = ${from}::uuid AND epoch = ${epoch} AND turn <= ${turn}`;
  await tx.$executeRaw`
    INSERT INTO turns (
      run_id, turn, organization_id, epoch, iteration, model, stop_reason,
      input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros,
      request_bytes, shared_bytes, model_attempts, files_changed, started_at, ended_at
    )
    SELECT
      ${to}::uuid, turn, organization_id, 0, iteration, model, stop_reason,
      input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, 0,
      request_bytes, shared_bytes, model_attempts, files_changed, started_at, ended_at
    FROM turns
    WHERE run_id = ${from}::uuid AND turn <= ${turn}`;
  await tx.$executeRaw`
    INSERT INTO tool_calls (
      run_id, turn, position, organization_id, tool_use_id, name, input, status,
      edit_plan, view, cwd, outcome, result, is_error,
      error_kind, exit_code, duration_ms, tree_before, tree_after, blob_id, started_at, ended_at
    )
    SELECT
      ${to}::uuid, turn, position, organization_id, tool_use_id, name, input, 'done',
      edit_plan, view, cwd, outcome,
      coalesce(result, 'This call was not finished when the run was forked.'), is_error OR status <> 'done',
      error_kind, exit_code, duration_ms, tree_before, tree_after, blob_id, started_at, ended_at
    FROM tool_calls
    WHERE run_id = ${from}::uuid AND turn <= ${turn}`;
  // Files that were seen before a rewrite of the conversation are not in it.
  const seenSince = source.epoch_turn <= turn ? source.epoch_turn : 0;
  const data = { turn, epoch_turn: seenSince, todo: asJson(source.todo), pending_opening: opening };
  return runRow(await tx.run.update({ where: { id: to }, data }));
}

/** Characters in a part of a conversation, besides its first message. */
const maxPartLength = 1_000_000;

/** Conversations. Within an epoch they are append-only. */
export function transcriptsStore(core: StoreCore) {
  return {
    /** The conversation of an epoch after a sequence number. It is append-only, so a caller may cache earlier rows. */
    ofEpoch: (runId: string, epoch: number, afterSeq = 0) =>
      core.read(async (db): Promise<StoredMessage[]> => {
        const rows = await db.transcriptMessage.findMany({
          where: { run_id: runId, epoch, seq: { gt: afterSeq } },
          orderBy: { seq: 'asc' },
          select: { seq: true, turn: true, role: true, content: true },
        });
        return rows as StoredMessage[];
      }),

    /** The newest run of a task that has a conversation to resume. */
    newestOfTask: (organizationId: string, taskId: string) =>
      core.read(async (db) => {
        const run = await db.run.findFirst({
          where: { organization_id: organizationId, task_id: taskId, kind: 'task', turn: { gt: 0 } },
          orderBy: { created_at: 'desc' },
        });
        return run && runRow(run);
      }),

    /** A part of a run's conversation after a sequence number: at most `limit` messages, and about a megabyte. */
    page: ({ id, epoch }: Pick<Run, 'id' | 'epoch'>, after: number, limit: number) =>
      core.read(async (db) => {
        const found = await db.transcriptMessage.findMany({
          where: { run_id: id, epoch, seq: { gt: after } },
          orderBy: { seq: 'asc' },
          take: limit + 1,
          select: { seq: true, turn: true, role: true, content: true, created_at: true },
        });
        let size = 0;
        const fits = found.findIndex(({ content }, at) => at > 0 && (size += content.length) > maxPartLength);
        const rows = found.slice(0, Math.min(limit, fits === -1 ? limit : fits));
        return { rows, next: found.length > rows.length ? String(rows.at(-1)?.seq) : null };
      }),

    /** The text of the newest answer of a run, without its thinking; '' where it has none. */
    lastText: (runId: string) =>
      core.read(async (db): Promise<string> => {
        const row = await db.transcriptMessage.findFirst({
          where: { run_id: runId, role: 'assistant' },
          orderBy: { seq: 'desc' },
          select: { content: true },
        });
        const blocks = JSON.parse(row?.content ?? '[]') as { type: string; text?: string }[];
        return blocks
          .flatMap(({ type, text }) => (type === 'text' && text ? [text] : []))
          .join('\n')
          .trim();
      }),

    /**
     * Writes the next epoch of a conversation and makes it the current one, once.
     * @param next.keeps_views whether the run has still seen the files that it saw before.
     * @param next.tools the list of tools, which an epoch may begin with another one.
     * @param next.model the model that continues, where it is another one.
     */
    startEpoch: (
      organizationId: string,
      runId: string,
      from: number,
      {
        rows,
        tools,
        keeps_views: keepsViews,
        model,
      }: {
        rows: { turn: number; role: string; content: string }[];
        tools: string;
        keeps_views: boolean;
        model?: { provider: string; model: string };
      },
      facts: object,
    ) =>
      core.change(async (tx, emit) => {
        const moved = await tx.run.updateMany({
          where: { id: runId, organization_id: organizationId, epoch: from },
          data: { epoch: from + 1, tools },
        });
        if (moved.count === 0) return;
        const run = await tx.run.update({
          where: { id: runId },
          data: {
            ...(keepsViews ? {} : { epoch_turn: { set: Math.max(0, ...rows.map((row) => row.turn)) } }),
            ...(model ? { provider: model.provider, model: model.model } : {}),
          },
        });
        const { _max: max } = await tx.transcriptMessage.aggregate({ where: { run_id: runId }, _max: { seq: true } });
        await tx.transcriptMessage.createMany({
          data: rows.map((row, i) => ({
            run_id: runId,
            seq: (max.seq ?? 0) + 1 + i,
            epoch: from + 1,
            turn: row.turn,
            role: row.role,
            content: row.content,
          })),
        });
        emit({
          type: 'run.context.compacted',
          organization_id: organizationId,
          project_id: run.project_id,
          entity: { kind: 'run', id: runId },
          data: { run_id: runId, epoch: from + 1, turn: run.turn, ...facts },
        });
      }),

    /**
     * Copies a run up to a turn: the conversation of its epoch, its calls, and a message with the new instruction.
     * A repeated call with the same run_id gives the same run.
     */
    fork: (
      organizationId: string,
      fork: {
        source_id: string;
        turn: number;
        run_id: string;
        branch: string;
        head_sha: string;
        sandbox_id: string;
        sandbox_host: string | null;
        max_usd: number;
        title: string;
        instruction: { content: string; actor: string };
      },
    ) =>
      core.change(async (tx, emit) => {
        const known = await tx.run.findFirst({ where: { id: fork.run_id, organization_id: organizationId } });
        if (known) return runRow(known);
        const source = runRow(
          await tx.run.findFirstOrThrow({ where: { id: fork.source_id, organization_id: organizationId } }),
        );
        const { continues } = source.settings;
        const run = await insertRun(tx, emit, {
          id: fork.run_id,
          organization_id: organizationId,
          project_id: source.project_id,
          spec_id: source.spec_id,
          ticket_id: source.ticket_id,
          task_id: null,
          kind: source.kind,
          mode: source.mode,
          phase: source.phase,
          attempt: 1,
          title: fork.title,
          provider: source.provider,
          model: source.model,
          sandbox_id: fork.sandbox_id,
          sandbox_host: fork.sandbox_host,
          branch: fork.branch,
          base_sha: source.base_sha,
          head_sha: fork.head_sha,
          opening: source.opening,
          system_prompt: source.system_prompt,
          tools: source.tools,
          goal: source.goal,
          // No fresh attempt follows a fork: at its limits a person is asked.
          limits: { ...source.limits, max_usd: fork.max_usd, asks_at: ['turns', 'time'] },
          settings: continues
            ? { ...source.settings, continues: { ...continues, turn: Math.min(continues.turn, fork.turn) } }
            : source.settings,
          terms: source.terms,
          max_usd: fork.max_usd,
          forked_from_run_id: source.id,
          forked_from_turn: fork.turn,
        });
        const begun = await copyConversation(tx, source, { to: run.id, turn: fork.turn });
        await acceptMessage(tx, emit, {
          organization_id: organizationId,
          run_id: run.id,
          kind: 'user_message',
          rank: 'boundary',
          ...fork.instruction,
        });
        emit({
          type: 'run.forked',
          organization_id: organizationId,
          project_id: run.project_id,
          entity: { kind: 'run', id: source.id },
          data: { run_id: source.id, fork_id: run.id, turn: fork.turn },
        });
        return begun;
      }),

    /**
     * Creates a run that continues the conversation of one that has ended: with the same beginning, which the provider's
     * cache may still hold. A repeated call gives the same run.
     * @param opening its next user message.
     */
    continueAs: (
      source: Run,
      run: Omit<NewRun, 'opening' | 'system_prompt' | 'tools'> & { id: string },
      opening: string,
    ) =>
      core.change(async (tx, emit) => {
        const known = await tx.run.findFirst({ where: { id: run.id, organization_id: source.organization_id } });
        if (known) return runRow(known);
        const { opening: first, system_prompt, tools, turn } = source;
        await insertRun(tx, emit, { ...run, opening: first, system_prompt, tools });
        return copyConversation(tx, source, { to: run.id, turn, opening });
      }),

    /** Whether the model said anything in a turn, besides calling tools. */
    hasText: (runId: string, turn: number) =>
      core.read(async (db) => {
        const row = await db.transcriptMessage.findFirst({
          where: { run_id: runId, turn, role: 'assistant' },
          orderBy: { seq: 'desc' },
        });
        const blocks = row ? (JSON.parse(row.content) as { type: string; text?: string }[]) : [];
        return blocks.some((block) => block.type === 'text' && (block.text ?? '').trim() !== '');
      }),
  };
}
