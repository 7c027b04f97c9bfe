import { randomUUID } from 'node:crypto';
import { fenced, notFound } from '#workflows/domain/errors.ts';
import type { ToolOutcome } from '#workflows/contracts/run.ts';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import { Prisma } from '../generated/client.ts';
import { eventsSql, jsonParameter, type StoreCore } from './core.ts';
import { ownerSql, requireOwner } from './ownership.ts';
import { asJson, toolCallRow, type CallView, type EditPlan, type Run, type ToolCall } from './json.ts';
import { cutStart } from '#workflows/domain/text.ts';

export type { CallView, EditPlan, ToolCall } from './json.ts';

type RunRef = Pick<Run, 'id' | 'organization_id' | 'project_id' | 'owner'>;

/** How a run last saw or wrote a file, and in which turn. An edit without a view counts with the content it wrote. */
const viewSql = Prisma.sql`coalesce(view, jsonb_build_object('path', edit_plan->'path', 'hash', edit_plan->'after'))`;
type TurnView = CallView & { turn: number };
interface ViewRow {
  turn: number;
  view: CallView;
}
const turnView = ({ turn, view }: ViewRow): TurnView => ({ ...view, turn });

export interface CallKey {
  run_id: string;
  turn: number;
  position: number;
}

type CallPlace = Pick<CallKey, 'turn' | 'position'>;

/** What came for a run meanwhile: the result of each call brings it. */
export interface RunNews {
  /** A message waits that comes before the next call. */
  urgent: boolean;
  /** The newest stretch that the workflow has asked to return. */
  called_back: number;
}

export interface CallResult {
  text: string;
  is_error?: boolean;
  error_kind?: string;
  exit_code?: number;
  duration_ms: number;
  /** How the call saw or wrote a file, stored for later edits of the file. */
  view?: CallView;
  cwd?: string;
  outcome?: ToolOutcome;
  tree_before?: string;
  tree_after?: string;
  image?: { media_type: string; data: string };
}

/** Whether a message waits that comes before the next call of a run. */
const urgentSql = (runId: string) => Prisma.sql`EXISTS (
            SELECT 1
            FROM messages
            WHERE run_id = ${runId}::uuid AND delivered_at_turn IS NULL AND refused_reason IS NULL
              AND rank IN ('interrupt', 'boundary')
          )`;

export function toolCallsStore(core: StoreCore) {
  const unique = ({ run_id, turn, position }: CallKey) => ({ run_id_turn_position: { run_id, turn, position } });

  async function saveIn(run: RunRef, { turn, position }: CallPlace, data: Prisma.ToolCallUpdateInput): Promise<void> {
    await core.change(async (tx) => {
      await requireOwner(tx, run);
      await tx.toolCall.update({ where: unique({ run_id: run.id, turn, position }), data });
    });
  }

  return {
    get: async (key: CallKey): Promise<ToolCall> => {
      const call = await core.read((db) => db.toolCall.findUnique({ where: unique(key) }));
      if (!call) throw notFound('tool call');
      return toolCallRow(call);
    },

    /** The answer to the newest complete_task that was refused. */
    lastRefusal: async (runId: string): Promise<string | null> => {
      const call = await core.read((db) =>
        db.toolCall.findFirst({
          where: { run_id: runId, name: 'complete_task', is_error: true },
          orderBy: [{ turn: 'desc' }, { position: 'desc' }],
          select: { result: true },
        }),
      );
      return call?.result ?? null;
    },

    ofTurn: (runId: string, turn: number) =>
      core.read(async (db) =>
        (await db.toolCall.findMany({ where: { run_id: runId, turn }, orderBy: { position: 'asc' } })).map(toolCallRow),
      ),

    /**
     * Marks a call as running. A repeated start keeps the first start time.
     * @throws fenced when a newer stretch has taken the run.
     */
    start: async (run: RunRef, call: ToolCall): Promise<void> => {
      const [owned] = await core.statement(
        Prisma.sql`
          WITH ${ownerSql(run)},
          _started AS (
            UPDATE tool_calls
            SET status = 'running', started_at = now()
            WHERE run_id = ${run.id}::uuid AND turn = ${call.turn} AND position = ${call.position} AND status = 'pending'
              AND EXISTS (SELECT 1 FROM _owner)
            RETURNING position
          ),
          ${eventsSql(run.organization_id, core.checked([{ type: 'run.tool.started', organization_id: run.organization_id, project_id: run.project_id, entity: { kind: 'run', id: run.id }, data: { run_id: run.id, turn: call.turn, position: call.position, tool: call.name, tool_use_id: call.tool_use_id } }]), Prisma.sql`EXISTS (SELECT 1 FROM _started)`)}
          SELECT id
          FROM _owner`,
        run.organization_id,
      );
      if (!owned) throw fenced();
    },

    /** @throws fenced when a newer stretch has taken the run. */
    saveEditPlan: (run: RunRef, call: CallPlace, plan: EditPlan) => saveIn(run, call, { edit_plan: asJson(plan) }),

    /** @throws fenced when a newer stretch has taken the run. */
    saveOutcome: (run: RunRef, call: CallPlace, outcome: ToolOutcome) =>
      saveIn(run, call, { outcome: asJson(outcome) }),

    /**
     * Stores the results of one turn's calls, each once.
     * @returns the calls after that, and what came for the run meanwhile.
     * @throws fenced when a newer stretch has taken the run: it has its own result of the calls.
     */
    finish: async (
      run: RunRef,
      results: { call: ToolCall; result: CallResult }[],
    ): Promise<{ calls: ToolCall[]; news: RunNews }> => {
      const images = results.flatMap(({ result }) => (result.image ? [{ id: randomUUID(), image: result.image }] : []));
      const blobOf = (result: CallResult) => images.find(({ image }) => image === result.image)?.id ?? null;
      const rows = results.map(({ call, result }) => ({
        turn: call.turn,
        position: call.position,
        result: result.text,
        is_error: result.is_error ?? false,
        error_kind: result.error_kind,
        exit_code: result.exit_code,
        duration_ms: Math.round(result.duration_ms),
        view: result.view,
        cwd: result.cwd,
        outcome: result.outcome,
        tree_before: result.tree_before,
        tree_after: result.tree_after,
        blob_id: blobOf(result),
        started_at: new Date(Date.now() - result.duration_ms),
        ended_at: new Date(),
      }));
      const events = results.map(({ call, result }): NewEvent => ({
        type: 'run.tool.completed',
        organization_id: run.organization_id,
        project_id: run.project_id,
        entity: { kind: 'run', id: run.id },
        data: {
          run_id: run.id,
          turn: call.turn,
          position: call.position,
          tool: call.name,
          tool_use_id: call.tool_use_id,
          is_error: result.is_error ?? false,
          exit_code: result.exit_code ?? null,
          duration_ms: Math.round(result.duration_ms),
          result: cutStart(result.text, 500),
        },
      }));
      const blobs = images.map(
        ({ id, image }) =>
          Prisma.sql`(${id}::uuid, ${run.organization_id}::uuid, ${image.media_type}, ${Buffer.from(image.data, 'base64')}::bytea)`,
      );
      const answers = await core.statement<RunNews & { [K in keyof ToolCall]: ToolCall[K] | null }>(
        Prisma.sql`
          WITH _run AS (
            UPDATE runs
            SET last_work_at = now()
            WHERE id = ${run.id}::uuid AND owner = ${run.owner}
            RETURNING id, called_back
          ),
          _new AS (
            SELECT *
            FROM jsonb_populate_recordset(null::tool_calls, ${jsonParameter(rows)}::jsonb)
          ),
          ${
            blobs.length > 0
              ? Prisma.sql`
          _blobs AS (
            INSERT INTO blobs (id, organization_id, kind, content)
            VALUES ${Prisma.join(blobs)}
          ),`
              : Prisma.empty
          }
          _done AS (
            UPDATE tool_calls c
            SET
              status = 'done',
              result = _new.result,
              is_error = _new.is_error,
              error_kind = _new.error_kind,
              exit_code = _new.exit_code,
              duration_ms = _new.duration_ms,
              view = coalesce(_new.view, c.view),
              cwd = coalesce(_new.cwd, c.cwd),
              outcome = coalesce(_new.outcome, c.outcome),
              tree_before = coalesce(_new.tree_before, c.tree_before),
              tree_after = _new.tree_after,
              blob_id = _new.blob_id,
              started_at = coalesce(c.started_at, _new.started_at),
              ended_at = _new.ended_at
            FROM _new, _run
            WHERE c.run_id = _run.id AND c.turn = _new.turn AND c.position = _new.position AND c.status <> 'done'
            RETURNING c.*
          ),
          ${eventsSql(run.organization_id, core.checked(events), Prisma.sql`(e.data->>'position')::int IN (SELECT position FROM _done) AND EXISTS (SELECT 1 FROM _run)`)}
          SELECT _done.*, called_back, ${urgentSql(run.id)} AS urgent
          FROM _run
          LEFT JOIN _done ON true`,
        run.organization_id,
      );
      const [answer] = answers;
      if (!answer) throw fenced();
      const news = { urgent: answer.urgent, called_back: answer.called_back };
      const done = answers.flatMap(({ urgent: _urgent, called_back: _calledBack, ...row }) =>
        row.position === null ? [] : [row as ToolCall],
      );
      const known = async (key: CallKey) =>
        toolCallRow(await core.read((db) => db.toolCall.findUniqueOrThrow({ where: unique(key) })));
      const calls = await Promise.all(
        results.map(
          async ({ call }) =>
            done.find((row) => row.turn === call.turn && row.position === call.position) ?? (await known(call)),
        ),
      );
      return { calls, news };
    },

    /** How the run last saw a file in an epoch that began with `sinceTurn`. */
    lastView: (runId: string, path: string, sinceTurn: number) =>
      core
        .statement<ViewRow>(
          Prisma.sql`
          SELECT turn, ${viewSql} AS view
          FROM tool_calls
          WHERE run_id = ${runId}::uuid AND status = 'done' AND NOT is_error AND turn >= ${sinceTurn}
            AND coalesce(view, edit_plan)->>'path' = ${path}
          ORDER BY turn DESC, position DESC
          LIMIT 1`,
        )
        .then(([row]) => row && turnView(row)),

    /** The newest view of each file that the run saw since a turn, the most recent last. */
    viewed: (runId: string, sinceTurn: number) =>
      core
        .statement<ViewRow>(
          Prisma.sql`
          SELECT turn, view
          FROM (
            SELECT DISTINCT ON (coalesce(view, edit_plan)->>'path') turn, position, ${viewSql} AS view
            FROM tool_calls
            WHERE run_id = ${runId}::uuid AND status = 'done' AND NOT is_error AND turn >= ${sinceTurn}
              AND coalesce(view, edit_plan)->>'path' IS NOT NULL
            ORDER BY coalesce(view, edit_plan)->>'path', turn DESC, position DESC
          ) newest
          ORDER BY turn, position`,
        )
        .then((rows) => rows.map(turnView)),

    /** Commands of the run's attempt, newest first, for checking evidence: not those of the run that it continues. */
    commands: ({ id, settings }: Pick<Run, 'id' | 'settings'>, limit = 500) =>
      core.read((db) =>
        db.toolCall.findMany({
          where: { run_id: id, name: 'bash', turn: { gt: settings.continues?.turn ?? 0 } },
          orderBy: [{ turn: 'desc' }, { position: 'desc' }],
          take: limit,
        }),
      ),

    /** Number of claims of the run that have their answer. */
    claims: (runId: string) =>
      core.read((db) => db.toolCall.count({ where: { run_id: runId, name: 'complete_task', status: 'done' } })),

    lastCommand: (runId: string) =>
      core.read((db) =>
        db.toolCall.findFirst({
          where: { run_id: runId, name: 'bash', status: 'done' },
          orderBy: [{ turn: 'desc' }, { position: 'desc' }],
        }),
      ),

    blob: (id: string) => core.read((db) => db.blob.findUnique({ where: { id } })),

    /**
     * Stores the commit of a turn and emits the changed files. Work of other agents that is merged after the turn moves
     * its checkpoint; those files are marked, since this agent did not change them.
     * @throws fenced when a newer stretch has taken the run.
     */
    checkpoint: (input: {
      organization_id: string;
      run_id: string;
      owner: number;
      turn: number;
      sha: string;
      tree: string;
      parent_sha: string;
      merged: boolean;
      files: {
        path: string;
        change_type: string;
        lines_added: number;
        lines_removed: number;
        diff_preview?: string;
        full_diff?: string;
        full_diff_size?: number;
      }[];
    }) =>
      core.change(async (tx, emit) => {
        const { files, merged, owner, ...rest } = input;
        await requireOwner(tx, { id: input.run_id, owner });
        const brief = files.map(({ path, change_type, lines_added, lines_removed }) => ({
          path,
          change_type,
          lines_added,
          lines_removed,
          ...(merged ? { merged } : {}),
        }));
        const key = { run_id_turn: { run_id: input.run_id, turn: input.turn } };
        const known = await tx.checkpoint.findUnique({ where: key });
        if (known?.sha === input.sha) return;
        const all = [...((known?.files ?? []) as typeof brief), ...brief];
        if (known) await tx.checkpoint.update({ where: key, data: { sha: input.sha, tree: input.tree, files: all } });
        else await tx.checkpoint.create({ data: { ...rest, files: brief } });
        await tx.turn.updateMany({ where: { run_id: input.run_id, turn: input.turn }, data: { files_changed: all } });
        const run = await tx.run.update({
          where: { id: input.run_id },
          data: { head_sha: input.sha, tree: input.tree },
        });
        const base = {
          organization_id: input.organization_id,
          project_id: run.project_id,
          entity: { kind: 'run', id: run.id },
        };
        for (const file of merged ? [] : files.slice(0, 50)) {
          emit({
            ...base,
            type: 'run.file_edited',
            data: {
              run_id: run.id,
              turn: input.turn,
              file_path: file.path,
              change_type: file.change_type,
              lines_added: file.lines_added,
              lines_removed: file.lines_removed,
              diff_preview: file.diff_preview ?? '',
              full_diff: file.full_diff ?? '',
              full_diff_size: file.full_diff_size ?? 0,
            },
          });
        }
        emit({
          ...base,
          type: 'run.checkpoint.created',
          data: { run_id: run.id, turn: input.turn, sha: input.sha, files: brief.length, merged },
        });
      }),

    /** The newest checkpoint at or before a turn. */
    checkpointAt: (runId: string, turn: number) =>
      core.read((db) =>
        db.checkpoint.findFirst({ where: { run_id: runId, turn: { lte: turn } }, orderBy: { turn: 'desc' } }),
      ),
    checkpoints: (runId: string) =>
      core.read((db) => db.checkpoint.findMany({ where: { run_id: runId }, orderBy: { turn: 'asc' } })),
  };
}
