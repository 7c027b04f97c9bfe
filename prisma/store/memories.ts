import { createHash } from 'node:crypto';
import { normalised } from '#workflows/domain/comparable-text.ts';
import { notFound } from '#workflows/domain/errors.ts';
import type * as rows from '../generated/client.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { memoryRow, type TaskMemory } from './memory-rows.ts';
import { pageOf, type PageQuery } from './page.ts';
import { curate, type NewRule, type PlaybookOperation } from './playbook.ts';
import { lockProject } from './row-locks.ts';
import { comparedWith, setVector, type Embedded } from './vector.ts';

export type { TaskMemory, ToolUse } from './memory-rows.ts';

export type NewMemory = Omit<
  TaskMemory,
  'content_hash' | 'duplicate_of' | 'embedded_by' | 'reused_count' | 'learned_at' | 'updated_at' | 'updated_by'
> & { embedded?: Embedded };

/** What a memory changed when it was stored. */
export interface Learned {
  memory: TaskMemory;
  /** Entries of the playbook that say nearly the same as the memory, which supports them now. */
  related: rows.PlaybookEntry[];
  operations: PlaybookOperation[];
}

/** Cosine similarities, 0 to 1. */
export interface MemoryThresholds {
  /** From here on a memory repeats another one, and is hidden. */
  same: number;
  /** From here on a memory supports an entry of the playbook. */
  related: number;
  /** From here on two rules are one. */
  rule: number;
}

const textOf = ({
  goal,
  execution_summary,
  result,
  feedback,
}: Pick<TaskMemory, 'goal' | 'execution_summary' | 'result' | 'feedback'>) =>
  `${goal} ${execution_summary} ${result} ${feedback}`;
const hashOf = (text: string) => createHash('sha256').update(normalised(text)).digest('hex');

/** The newest memory of the project that says the same. */
async function repeated(tx: Transaction, input: NewMemory, hash: string, same: number): Promise<string | null> {
  const equal = await tx.taskMemory.findFirst({
    where: { project_id: input.project_id, content_hash: hash, duplicate_of: null, success: input.success },
    select: { id: true },
  });
  if (equal || !input.embedded) return equal?.id ?? null;
  const { distance, comparable } = comparedWith([input.embedded]);
  const [near] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM task_memories
    WHERE project_id = ${input.project_id}::uuid AND duplicate_of IS NULL AND ${comparable}
      AND success = ${input.success} AND 1 - ${distance} >= ${same}
    ORDER BY ${distance} + 0 LIMIT 1`;
  return near?.id ?? null;
}

/** Records how the attempt ended for what it was given. */
async function settleUses(tx: Transaction, { task_id, attempt, success }: NewMemory): Promise<void> {
  if (task_id === null || attempt === null) return;
  await tx.memoryUse.updateMany({
    where: { task_id, attempt, helped: null },
    data: { helped: success, ended_at: new Date() },
  });
}

const eventOf = (memory: TaskMemory) => ({
  organization_id: memory.organization_id,
  project_id: memory.project_id,
  entity: { kind: 'memory' as const, id: memory.id },
});

export function memoriesStore(core: StoreCore) {
  const get = async (organizationId: string, id: string): Promise<TaskMemory> => {
    const row = await core.read((db) => db.taskMemory.findFirst({ where: { id, organization_id: organizationId } }));
    if (!row) throw notFound('memory');
    return memoryRow(row);
  };

  async function write(
    tx: Transaction,
    emit: Emit,
    input: NewMemory,
    rules: NewRule[],
    at: MemoryThresholds,
  ): Promise<Learned> {
    // Memories of a project are stored one after another, so that two attempts do not add one rule twice.
    await lockProject(tx, input.project_id);
    const { embedded, ...fields } = input;
    const hash = hashOf(textOf(input));
    const duplicate_of = await repeated(tx, input, hash, at.same);
    const row = await tx.taskMemory.create({
      data: {
        ...fields,
        // Json columns take plain objects.
        tool_usage: fields.tool_usage as object[],
        error_patterns: fields.error_patterns as object[],
        content_hash: hash,
        duplicate_of,
      },
    });
    if (embedded) await setVector(tx, 'task_memories', row.id, embedded);
    const memory = memoryRow(row);
    const { related, operations } = await curate(tx, memory, embedded, rules, at);
    await settleUses(tx, input);
    emit({
      ...eventOf(memory),
      type: 'memory.stored',
      data: { memory_id: memory.id, task_id: memory.task_id, memory_type: memory.memory_type, success: memory.success },
    });
    if (memory.task_id)
      emit({
        ...eventOf(memory),
        type: 'ace.workflow.completed',
        data: { memory_id: memory.id, task_id: memory.task_id, operations: operations.length },
      });
    return { memory, related, operations };
  }

  return {
    get,
    /** Whether a project has a memory or a rule. */
    any: async (projectId: string) => {
      const [row] = await core.read(
        (db) => db.$queryRaw<{ some: boolean }[]>`
          SELECT EXISTS (SELECT 1 FROM task_memories WHERE project_id = ${projectId}::uuid)
            OR EXISTS (SELECT 1 FROM playbook_entries WHERE project_id = ${projectId}::uuid) AS some`,
      );
      return row?.some === true;
    },
    /**
     * Stores a memory, the rules that follow from it, and how the attempt ended for what it was given, in one
     * transaction. An attempt at a task has one memory, however often it is stored.
     */
    learn: (input: NewMemory, rules: NewRule[], at: MemoryThresholds) =>
      core.change(async (tx, emit): Promise<Learned> => {
        const { task_id, attempt } = input;
        const known =
          task_id !== null && attempt !== null ? await tx.taskMemory.findFirst({ where: { task_id, attempt } }) : null;
        return known ? { memory: memoryRow(known), related: [], operations: [] } : write(tx, emit, input, rules, at);
      }),
    page: (
      organizationId: string,
      filter: { project_id?: string; memory_type?: string; task_id?: string },
      page: PageQuery,
    ) =>
      core.read(async (db) => {
        const where = { organization_id: organizationId, duplicate_of: null, ...filter };
        const found = await pageOf(page, async ({ where: beyond, take }) => {
          const conditions = beyond.OR?.map(({ created_at, ...rest }) => ({ learned_at: created_at, ...rest }));
          const list = await db.taskMemory.findMany({
            where: { ...where, ...(conditions ? { OR: conditions } : {}) },
            orderBy: [{ learned_at: 'desc' }, { id: 'desc' }],
            take,
          });
          return list.map((row) => ({ ...memoryRow(row), created_at: row.learned_at }));
        });
        return found;
      }),
    /** Changes what a memory says. Its vector is of the old text, so it goes until the new one is there. */
    edit: (
      organizationId: string,
      id: string,
      change: Partial<Pick<TaskMemory, 'memory_type' | 'execution_summary' | 'result' | 'feedback' | 'tags'>>,
      by: string,
      embedded: Embedded | undefined,
    ) =>
      core.change(async (tx, emit) => {
        const known = await tx.taskMemory.findFirst({ where: { id, organization_id: organizationId } });
        if (!known) throw notFound('memory');
        const row = await tx.taskMemory.update({
          where: { id },
          data: {
            ...change,
            content_hash: hashOf(textOf({ ...memoryRow(known), ...change })),
            updated_at: new Date(),
            updated_by: by,
          },
        });
        await setVector(tx, 'task_memories', id, embedded);
        const memory = memoryRow(row);
        emit({ ...eventOf(memory), type: 'memory.updated', data: { memory_id: id, by } });
        return memory;
      }),
    /** Deletes a memory for good. What repeats it is shown again; rules that it supports lose it. */
    remove: (organizationId: string, id: string, by: string) =>
      core.change(async (tx, emit) => {
        const known = await tx.taskMemory.findFirst({ where: { id, organization_id: organizationId } });
        if (!known) throw notFound('memory');
        await lockProject(tx, known.project_id);
        await tx.$executeRaw`UPDATE playbook_entries SET supporting_memory_ids = array_remove(supporting_memory_ids, ${id}::uuid)
          WHERE project_id = ${known.project_id}::uuid AND ${id}::uuid = ANY(supporting_memory_ids)`;
        const heir = await tx.taskMemory.findFirst({ where: { duplicate_of: id }, orderBy: { learned_at: 'desc' } });
        if (heir) {
          await tx.taskMemory.updateMany({ where: { duplicate_of: id }, data: { duplicate_of: heir.id } });
          await tx.taskMemory.update({ where: { id: heir.id }, data: { duplicate_of: null } });
        }
        await tx.taskMemory.delete({ where: { id } });
        emit({ ...eventOf(memoryRow(known)), type: 'memory.deleted', data: { memory_id: id, by } });
      }),
    /** Records what an attempt is given, once, however often its preparation is repeated. */
    give: (
      {
        organization_id,
        project_id,
        task_id,
        attempt,
      }: { organization_id: string; project_id: string; task_id: string; attempt: number },
      { memories, entries, patterns }: { memories: string[]; entries: string[]; patterns: string[] },
    ) =>
      core.change(async (tx, emit) => {
        const of = { organization_id, task_id, attempt };
        const { count } = await tx.memoryUse.createMany({
          data: [
            ...memories.map((memory_id) => ({ ...of, memory_id })),
            ...entries.map((entry_id) => ({ ...of, entry_id })),
          ],
          skipDuplicates: true,
        });
        // A repeated preparation.
        if (count === 0) return;
        await tx.taskMemory.updateMany({ where: { id: { in: memories } }, data: { reused_count: { increment: 1 } } });
        await tx.learnedPattern.updateMany({
          where: { id: { in: patterns } },
          data: { usage_count: { increment: 1 } },
        });
        emit({
          type: 'memory.context.suggested',
          organization_id,
          project_id,
          entity: { kind: 'task', id: task_id },
          data: { task_id, attempt, memory_ids: memories, entry_ids: entries },
        });
      }),
    /** What an attempt was given. */
    given: (organizationId: string, taskId: string, attempt: number) =>
      core.read((db) =>
        db.memoryUse.findMany({
          where: { organization_id: organizationId, task_id: taskId, attempt },
          orderBy: { id: 'asc' },
        }),
      ),
  };
}
