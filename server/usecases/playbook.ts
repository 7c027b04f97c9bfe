import type { PlaybookChange, PlaybookEntry } from '#prisma/store/playbook.ts';
import type * as contracts from '../contracts/playbook.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at, toPageView } from './views.ts';

const toEntryView = (row: PlaybookEntry) => ({
  id: row.id,
  project_id: row.project_id,
  category: row.category,
  content: row.content,
  tags: row.tags,
  priority: row.priority,
  supporting_memory_ids: row.supporting_memory_ids,
  is_active: row.is_active,
  version: row.version,
  created_at: at(row.created_at),
  updated_at: at(row.updated_at),
  confirmed_at: at(row.confirmed_at),
});

const toChangeView = (row: PlaybookChange) => ({
  id: row.id,
  entry_id: row.entry_id,
  version: row.version,
  operation: row.operation,
  old_content: row.old_content,
  new_content: row.new_content,
  reason: row.reason,
  related_memory_id: row.related_memory_id,
  changed_by: row.changed_by,
  created_at: at(row.created_at),
});

export const listPlaybook = async (
  { services, organization_id }: Call,
  { project_id, category, active, ...page }: Query<typeof contracts.listPlaybook>,
) =>
  toPageView(
    await services.store.playbook.page(
      organization_id,
      { project_id, category, is_active: active === undefined ? undefined : active === 'true' },
      page,
    ),
    toEntryView,
  );

export async function addPlaybookEntry(call: Call, { project_id, ...rule }: Body<typeof contracts.addPlaybookEntry>) {
  const { services, organization_id, actor } = call;
  const embedded = await services.embeddings.embedOne(rule.content, { organization_id, project_id });
  const wanted = { ...rule, is_active: true, embedded };
  return toEntryView(
    await services.store.playbook.add({ organization_id, project_id }, wanted, actor.email, call.newId('rule')),
  );
}

export async function editPlaybookEntry(
  { services, organization_id, actor }: Call,
  id: string,
  { reason, ...change }: Body<typeof contracts.editPlaybookEntry>,
) {
  const owner = { organization_id, project_id: null };
  const embedded = change.content === undefined ? undefined : await services.embeddings.embedOne(change.content, owner);
  return toEntryView(
    await services.store.playbook.edit(organization_id, id, change, { by: actor.email, reason, embedded }),
  );
}

export const listPlaybookChanges = async (
  { services, organization_id }: Call,
  { project_id, entry_id, ...page }: Query<typeof contracts.listPlaybookChanges>,
) => toPageView(await services.store.playbook.changes(organization_id, { project_id, entry_id }, page), toChangeView);

export const undoPlaybookChange = async ({ services, organization_id, actor }: Call, id: string) =>
  toEntryView(
    await services.store.playbook.undo(organization_id, id, actor.email, (content) =>
      services.embeddings.embedOne(content, { organization_id, project_id: null }),
    ),
  );
