import { z } from 'zod';
import { playbookCategories } from '#workflows/domain/memory/kinds.ts';
import { insightLength } from '#workflows/domain/memory/reflect.ts';
import { byId, byProjectQuery, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

const category = z.enum(playbookCategories);
const content = z.string().trim().min(insightLength.least).max(insightLength.most);
const priority = z.number().int().min(1).max(10);
const tags = z.array(z.string().trim().min(1).max(200)).max(50);
const reason = z.string().trim().min(1).max(1000);

const entrySchema = z.object({
  id: uuid,
  project_id: uuid,
  category,
  content: z.string(),
  tags: z.array(z.string()),
  priority,
  /** Memories that say so too. */
  supporting_memory_ids: z.array(uuid),
  is_active: z.boolean(),
  version: z.number().int(),
  created_at: isoTime,
  updated_at: isoTime,
  /** When a memory supported it last. */
  confirmed_at: isoTime,
});
const contentSchema = z.object({
  content: z.string(),
  category,
  tags: z.array(z.string()),
  priority,
  is_active: z.boolean(),
});
export const listPlaybook = contract({
  method: 'get',
  path: '/playbook',
  tag: 'memory',
  summary: 'Rules of playbooks, newest first',
  auth: 'task:read',
  scope: byProjectQuery,
  query: pageQuery.extend({
    project_id: recordId.optional(),
    category: category.optional(),
    active: z.enum(['true', 'false']).optional(),
  }),
  response: listOf(entrySchema),
});
export const addPlaybookEntry = contract({
  method: 'post',
  path: '/playbook',
  tag: 'memory',
  summary: 'Add a rule to the playbook of a project',
  auth: 'project:write',
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  status: 201,
  body: z.strictObject({
    project_id: recordId,
    content,
    category: category.default('general'),
    tags: tags.default([]),
    priority: priority.default(5),
    reason: reason.default('added by a person'),
  }),
  response: entrySchema,
  failures: [409],
});
export const editPlaybookEntry = contract({
  method: 'patch',
  path: '/playbook/{id}',
  tag: 'memory',
  summary: 'Change a rule, or take it out of use with is_active false',
  auth: 'project:write',
  scope: byId('playbook_entry'),
  params: idParams,
  body: z.strictObject({
    content: content.optional(),
    category: category.optional(),
    tags: tags.optional(),
    priority: priority.optional(),
    is_active: z.boolean().optional(),
    reason: reason.default('changed by a person'),
  }),
  response: entrySchema,
  failures: [409],
});
export const listPlaybookChanges = contract({
  method: 'get',
  path: '/playbook/changes',
  tag: 'memory',
  summary: 'How the rules of playbooks changed, newest first',
  auth: 'task:read',
  scope: byProjectQuery,
  query: pageQuery.extend({ project_id: recordId.optional(), entry_id: recordId.optional() }),
  response: listOf(
    z.object({
      id: uuid,
      entry_id: uuid,
      /** Of the entry after the change. */
      version: z.number().int(),
      operation: z.enum(['add', 'update', 'delete']),
      old_content: contentSchema.nullable(),
      new_content: contentSchema.nullable(),
      reason: z.string(),
      related_memory_id: uuid.nullable(),
      changed_by: z.string(),
      created_at: isoTime,
    }),
  ),
});
export const undoPlaybookChange = contract({
  method: 'post',
  path: '/playbook/changes/{id}/undo',
  tag: 'memory',
  summary: 'Undo the newest change of a rule',
  auth: 'project:write',
  scope: byId('playbook_change'),
  params: idParams,
  response: entrySchema,
  failures: [409],
});
