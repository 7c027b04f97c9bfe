import { createHash, randomUUID } from 'node:crypto';
import { normalised } from '#workflows/domain/comparable-text.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { PlaybookCategory } from '#workflows/domain/memory/kinds.ts';
import type * as rows from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import type { MemoryThresholds } from './memories.ts';
import { comparedWith, setVector, type Embedded } from './vector.ts';
import {
  changeRow,
  entryRow,
  usesOf,
  type EntryContent,
  type PlaybookChange,
  type PlaybookEntry,
  type TaskMemory,
} from './memory-rows.ts';
import { pageOf, type PageQuery } from './page.ts';
import { lockProject } from './row-locks.ts';

export type { EntryContent, PlaybookChange, PlaybookEntry } from './memory-rows.ts';

export interface NewRule {
  category: PlaybookCategory;
  content: string;
  tags: string[];
  reason: string;
  embedded?: Embedded;
}

/** `support`: an entry says it already, and the memory supports it now. */
export interface PlaybookOperation {
  operation: 'add' | 'support';
  entry_id: string;
  content: string;
  change_id: string | null;
}

const hashOf = (content: string) => createHash('sha256').update(normalised(content)).digest('hex');
const contentOf = ({ content, category, tags, priority, is_active }: EntryContent): EntryContent => ({
  ...{ content, category, tags, priority, is_active },
});

/** Active entries of the project that are at least so similar, the most similar first. */
async function near(tx: Transaction, projectId: string, embedded: Embedded, least: number, limit: number) {
  const { distance, comparable } = comparedWith([embedded]);
  const found = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM playbook_entries
    WHERE project_id = ${projectId}::uuid AND is_active AND ${comparable}
      AND 1 - ${distance} >= ${least}
    ORDER BY ${distance} LIMIT ${limit}`;
  const entries = await tx.playbookEntry.findMany({ where: { id: { in: found.map(({ id }) => id) } } });
  return found.flatMap(({ id }) => entries.filter((entry) => entry.id === id));
}

const support = (tx: Transaction, entry: rows.PlaybookEntry, memoryId: string) =>
  entry.supporting_memory_ids.includes(memoryId)
    ? entry
    : tx.playbookEntry.update({
        where: { id: entry.id },
        data: { supporting_memory_ids: { push: memoryId }, confirmed_at: new Date() },
      });

async function add(
  tx: Transaction,
  of: { organization_id: string; project_id: string },
  rule: EntryContent & { reason: string; embedded?: Embedded },
  by: string,
  memoryId: string | null,
  id: string = randomUUID(),
): Promise<{ entry: PlaybookEntry; change: PlaybookChange }> {
  const { reason, embedded, ...content } = rule;
  const entry = await tx.playbookEntry.create({
    data: {
      ...{ id, ...of, ...content },
      content_hash: hashOf(content.content),
      supporting_memory_ids: memoryId ? [memoryId] : [],
    },
  });
  await setVector(tx, 'playbook_entries', id, embedded);
  const change = await tx.playbookChange.create({
    data: {
      ...{ id: randomUUID(), ...of, entry_id: id, version: 1, operation: 'add', reason, changed_by: by },
      new_content: contentOf(entryRow(entry)) as object,
      related_memory_id: memoryId,
    },
  });
  return { entry: entryRow(entry), change: changeRow(change) };
}

/**
 * MEM-07, MEM-08: the entries that a new memory supports, and the rules that it adds. A rule that an active entry says
 * already supports that entry. A rule that cannot be stored leaves the others alone.
 */
export async function curate(
  tx: Transaction,
  memory: TaskMemory,
  embedded: Embedded | undefined,
  rules: NewRule[],
  at: MemoryThresholds,
): Promise<{ related: rows.PlaybookEntry[]; operations: PlaybookOperation[] }> {
  const related: rows.PlaybookEntry[] = [];
  if (embedded)
    for (const entry of await near(tx, memory.project_id, embedded, at.related, 5))
      related.push(await support(tx, entry, memory.id));
  const operations: PlaybookOperation[] = [];
  for (const { embedded: vector, ...rule } of rules) {
    const equal = await tx.playbookEntry.findFirst({
      where: { project_id: memory.project_id, is_active: true, content_hash: hashOf(rule.content) },
    });
    const known = equal ?? (vector ? (await near(tx, memory.project_id, vector, at.rule, 1))[0] : undefined);
    if (known) {
      await support(tx, known, memory.id);
      operations.push({ operation: 'support', entry_id: known.id, content: known.content, change_id: null });
      continue;
    }
    const of = { organization_id: memory.organization_id, project_id: memory.project_id };
    const { entry, change } = await add(
      tx,
      of,
      { ...rule, priority: 5, is_active: true, embedded: vector },
      'curator',
      memory.id,
    );
    operations.push({ operation: 'add', entry_id: entry.id, content: entry.content, change_id: change.id });
  }
  return { related, operations };
}

export function playbookStore(core: StoreCore) {
  const find = async (tx: Transaction, organizationId: string, id: string): Promise<PlaybookEntry> => {
    const row = await tx.playbookEntry.findFirst({ where: { id, organization_id: organizationId } });
    if (!row) throw notFound('entry of the playbook');
    await lockProject(tx, row.project_id);
    // Its version may have changed before the lock.
    return entryRow(await tx.playbookEntry.findUniqueOrThrow({ where: { id } }));
  };

  async function write(
    tx: Transaction,
    entry: PlaybookEntry,
    wanted: EntryContent,
    { by, reason, embedded }: { by: string; reason: string; embedded?: Embedded },
  ): Promise<PlaybookEntry> {
    const hash = hashOf(wanted.content);
    const twin = wanted.is_active
      ? await tx.playbookEntry.findFirst({
          where: { project_id: entry.project_id, is_active: true, content_hash: hash, id: { not: entry.id } },
        })
      : null;
    if (twin)
      throw new AppError(
        'conflict',
        'content: another entry of the playbook says the same. Change that one, or delete this one.',
      );
    const row = await tx.playbookEntry.update({
      where: { id: entry.id },
      data: { ...wanted, content_hash: hash, version: entry.version + 1, updated_at: new Date() },
    });
    if (wanted.content !== entry.content) await setVector(tx, 'playbook_entries', entry.id, embedded);
    await tx.playbookChange.create({
      data: {
        id: randomUUID(),
        organization_id: entry.organization_id,
        project_id: entry.project_id,
        entry_id: entry.id,
        version: row.version,
        operation: wanted.is_active ? (entry.is_active ? 'update' : 'add') : 'delete',
        old_content: contentOf(entry) as object,
        new_content: contentOf(wanted) as object,
        reason,
        changed_by: by,
      },
    });
    return entryRow(row);
  }

  return {
    get: async (organizationId: string, id: string) => {
      const row = await core.read((db) =>
        db.playbookEntry.findFirst({ where: { id, organization_id: organizationId } }),
      );
      if (!row) throw notFound('entry of the playbook');
      return entryRow(row);
    },
    page: (
      organizationId: string,
      filter: { project_id?: string; category?: string; is_active?: boolean },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(page, async ({ where, orderBy, take }) =>
          (
            await db.playbookEntry.findMany({
              where: { AND: [{ organization_id: organizationId, ...filter }, where] },
              orderBy,
              take,
            })
          ).map(entryRow),
        ),
      ),
    /** The active entries of a project, with how their uses ended. */
    active: (projectId: string) =>
      core.read(async (db) => {
        const entries = await db.playbookEntry.findMany({
          where: { project_id: projectId, is_active: true },
          take: 500,
        });
        const uses = await db.memoryUse.groupBy({
          by: ['entry_id', 'helped'],
          where: { entry_id: { in: entries.map(({ id }) => id) }, helped: { not: null } },
          _count: true,
        });
        return entries.map((row) => ({ ...entryRow(row), ...usesOf(uses, 'entry_id', row.id) }));
      }),
    /** How similar each active entry with a vector of the model is to a text, from -1 to 1. */
    similarities: async (projectId: string, asked: Embedded[]) => {
      const { distance, comparable } = comparedWith(asked);
      return new Map(
        (
          await core.read(
            (db) => db.$queryRaw<{ id: string; similarity: number }[]>`
              SELECT id, 1 - ${distance} AS similarity FROM playbook_entries
              WHERE project_id = ${projectId}::uuid AND is_active AND ${comparable}`,
          )
        ).map(({ id, similarity }) => [id, similarity]),
      );
    },
    /** @throws conflict where an active entry says the same. */
    add: (
      of: { organization_id: string; project_id: string },
      rule: EntryContent & { reason: string; embedded?: Embedded },
      by: string,
      id: string,
    ) =>
      core.change(async (tx) => {
        await lockProject(tx, of.project_id);
        const known = await tx.playbookEntry.findFirst({ where: { id } });
        if (known) return entryRow(known);
        const twin = await tx.playbookEntry.findFirst({
          where: { project_id: of.project_id, is_active: true, content_hash: hashOf(rule.content) },
        });
        if (twin) throw new AppError('conflict', 'content: an entry of the playbook says the same already.');
        return (await add(tx, of, rule, by, null, id)).entry;
      }),
    /** Changes an entry; each change is a version. */
    edit: (
      organizationId: string,
      id: string,
      change: Partial<EntryContent>,
      how: { by: string; reason: string; embedded?: Embedded },
    ) =>
      core.change(async (tx) => {
        const entry = await find(tx, organizationId, id);
        return write(tx, entry, { ...contentOf(entry), ...change }, how);
      }),
    changes: (organizationId: string, filter: { project_id?: string; entry_id?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, async ({ where, orderBy, take }) =>
          (
            await db.playbookChange.findMany({
              where: { AND: [{ organization_id: organizationId, ...filter }, where] },
              orderBy,
              take,
            })
          ).map(changeRow),
        ),
      ),
    /**
     * Makes an entry again what it was before its newest change; the undoing is a change too. An entry that the change
     * added is taken out of use.
     * @throws conflict when the change is not the entry's newest.
     */
    undo: (
      organizationId: string,
      changeId: string,
      by: string,
      embed: (content: string) => Promise<Embedded | undefined>,
    ) =>
      core
        .read((db) => db.playbookChange.findFirst({ where: { id: changeId, organization_id: organizationId } }))
        .then(async (row) => {
          if (!row) throw notFound('change of the playbook');
          const change = changeRow(row);
          const before = change.old_content;
          const embedded = before ? await embed(before.content) : undefined;
          return core.change(async (tx) => {
            const entry = await find(tx, organizationId, change.entry_id);
            if (entry.version !== change.version)
              throw new AppError('conflict', 'The entry has changed since. Undo its newest change first.');
            return write(tx, entry, before ?? { ...contentOf(entry), is_active: false }, {
              by,
              reason: `undoes version ${change.version}`,
              embedded,
            });
          });
        }),
  };
}
