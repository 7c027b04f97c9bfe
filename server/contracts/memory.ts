import { z } from 'zod';
import { memoryTypes } from '#workflows/domain/memory/kinds.ts';
import { patternTypes } from '#workflows/domain/memory/pattern.ts';
import { retryingSchema } from '#workflows/domain/retrying.ts';
import {
  byId,
  byProjectQuery,
  contract,
  idParams,
  isoTime,
  listOf,
  pageQuery,
  recordId,
  uuid,
  type ScopeOf,
} from './contract.ts';

const byProject: ScopeOf = { kind: 'project', from: 'body', field: 'project_id' };
const byTask: ScopeOf = { kind: 'task', from: 'body', field: 'task_id' };
const memoryType = z.enum(memoryTypes);
const said = z.string().trim().max(4000);
const labels = z.array(z.string().trim().min(1).max(200)).max(50);
const score = z.number().min(0).max(1);
const toolUse = z.strictObject({
  tool_name: z.string().trim().min(1).max(100),
  arguments: z.record(z.string(), z.unknown()).default({}),
  result: z.string().max(4000).default(''),
});

export const memorySchema = z.object({
  id: uuid,
  project_id: uuid,
  task_id: uuid.nullable(),
  attempt: z.number().int().nullable(),
  run_id: uuid.nullable(),
  memory_type: memoryType,
  /** Why it has this type, and how sure that is; null where words decided. */
  type_reason: z.string(),
  type_confidence: z.number().nullable(),
  goal: z.string(),
  execution_summary: z.string(),
  result: z.string(),
  feedback: z.string(),
  tool_usage: z.array(toolUse),
  files: z.array(z.string()),
  tags: z.array(z.string()),
  error_patterns: z.array(z.object({ type: z.string(), context: z.string() })),
  success: z.boolean(),
  /** The memory that says the same, and is shown in its place. */
  duplicate_of: uuid.nullable(),
  /** Whether it has a vector; without one it is found by its words. */
  embedded: z.boolean(),
  reused_count: z.number().int(),
  learned_at: isoTime,
  updated_at: isoTime,
  updated_by: z.string().nullable(),
});
const foundMemorySchema = memorySchema.extend({
  /** Cosine, -1 to 1; null for a hit by words alone. */
  similarity: z.number().nullable(),
  score: z.number(),
  /** How the attempts ended that were given it. */
  uses: z.object({ helped: z.number().int(), failed: z.number().int() }),
});
const patternSchema = z.object({
  id: uuid,
  project_id: uuid,
  pattern_type: z.enum(patternTypes),
  task_type_pattern: z.string(),
  success_indicators: z.array(z.string()),
  failure_indicators: z.array(z.string()),
  recommended_context: z.object({ files: z.array(z.string()), tags: z.array(z.string()) }),
  sample_count: z.number().int(),
  confidence_score: z.number(),
  usage_count: z.number().int(),
  helpful_count: z.number().int(),
  unhelpful_count: z.number().int(),
  created_at: isoTime,
  updated_at: isoTime,
});

export const storeMemory = contract({
  method: 'post',
  path: '/memory/store',
  tag: 'memory',
  summary: 'Store what a task or a person learned, for later tasks of the project',
  auth: 'task:write',
  scope: {
    kind: 'task',
    from: 'body',
    field: 'task_id',
    optional: true,
    or: [{ kind: 'project', field: 'project_id' }],
  },
  status: 201,
  body: z.strictObject({
    task_id: recordId.optional(),
    /** Needed without a task. */
    project_id: recordId.optional(),
    execution_summary: said.min(10),
    /** Absent: its words decide. */
    memory_type: memoryType.optional(),
    goal: said.default(''),
    result: said.default(''),
    feedback: said.default(''),
    tool_usage: z.array(toolUse).max(50).default([]),
    files: labels.default([]),
    tags: labels.default([]),
    success: z.boolean().default(true),
  }),
  response: z.object({ memory_id: uuid, memory_type: memoryType, duplicate_of: uuid.nullable() }),
});
export const searchMemory = contract({
  method: 'post',
  path: '/memory/search',
  tag: 'memory',
  summary: 'Memories about a task, the best first',
  auth: 'task:read',
  scope: { ...byProject, optional: true },
  body: z.strictObject({
    /** Absent: all projects of the organization. */
    project_id: recordId.optional(),
    task_description: z.string().trim().min(1).max(10_000),
    top_k: z.number().int().min(1).max(100).default(5),
    similarity_threshold: score.default(0.7),
    success_only: z.boolean().default(false),
    memory_types: z.array(memoryType).min(1).optional(),
    search_mode: z.enum(['hybrid', 'semantic', 'keyword']).default('hybrid'),
    semantic_weight: score.default(0.6),
    keyword_weight: score.default(0.4),
  }),
  response: z.object({
    /** Whether near vectors mean the same; else they have the same words. */
    semantic: z.boolean(),
    results: z.array(foundMemorySchema),
  }),
});
export const completeMemory = contract({
  method: 'post',
  path: '/memory/complete-task',
  tag: 'memory',
  summary: 'Learn from a task that has ended elsewhere: its memory, errors, insights, and rules for the playbook',
  auth: 'task:write',
  scope: byTask,
  body: z.strictObject({
    task_id: recordId,
    goal: said.min(10),
    result: said.min(10),
    tool_usage: z.array(toolUse).min(1).max(50),
    feedback: said.default(''),
    success: z.boolean().default(true),
    /** The run whose work it was. */
    agent_id: recordId.optional(),
  }),
  response: z.object({
    memory_id: uuid,
    memory_type: memoryType,
    files_linked: z.array(z.string()),
    tags_added: z.array(z.string()),
    insights_found: z.array(z.object({ category: z.string(), content: z.string(), confidence: z.number() })),
    errors_identified: z.array(z.object({ type: z.string(), context: z.string() })),
    related_playbook_entries: z.array(z.object({ id: uuid, content: z.string() })),
    playbook_delta: z.object({
      operations: z.array(z.object({ operation: z.enum(['add', 'support']), entry_id: uuid, content: z.string() })),
      summary: z.string(),
    }),
    updated_bullets: z.array(uuid),
    /** The first change of the playbook; null where nothing was added. */
    change_id: uuid.nullable(),
  }),
});
export const taskMemories = contract({
  method: 'get',
  path: '/memory/tasks/{id}/context',
  tag: 'memory',
  summary: 'What earlier tasks of the project say about a task: similar ones, patterns and rules',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  query: z.object({ top_k: z.coerce.number().int().min(1).max(20).default(3) }),
  response: z.object({
    similar_tasks: z.array(foundMemorySchema),
    matching_patterns: z.array(patternSchema),
    /** Rules of the playbook, the most useful first. */
    recommendations: z.array(z.object({ entry_id: uuid, category: z.string(), content: z.string() })),
    /** What the latest attempt was given. */
    given: z.object({ memory_ids: z.array(uuid), entry_ids: z.array(uuid) }),
  }),
});
export const listPatterns = contract({
  method: 'get',
  path: '/memory/patterns',
  tag: 'memory',
  summary: 'What the tasks of a kind have in common, newest first',
  auth: 'task:read',
  scope: byProjectQuery,
  query: pageQuery.extend({
    project_id: recordId.optional(),
    pattern_type: z.enum(patternTypes).optional(),
    min_confidence: z.coerce.number().min(0).max(1).optional(),
  }),
  response: listOf(patternSchema),
});
export const extractPattern = contract({
  method: 'post',
  path: '/memory/patterns/extract',
  tag: 'memory',
  summary: 'Find what the tasks have in common whose type and goal match a regular expression',
  auth: 'task:write',
  scope: byProject,
  body: z.strictObject({
    project_id: recordId,
    task_type_pattern: z.string().min(1).max(200),
    pattern_type: z.enum(patternTypes).default('success'),
    min_samples: z.number().int().min(2).max(10).default(3),
  }),
  response: patternSchema,
  failures: [400],
});
export const ratePattern = contract({
  method: 'post',
  path: '/memory/patterns/{id}/feedback',
  tag: 'memory',
  summary: 'Say whether a pattern helps, and change how far it is believed',
  auth: 'task:write',
  scope: byId('pattern'),
  params: idParams,
  body: z.strictObject({ helpful: z.boolean(), confidence_adjustment: z.number().min(-0.2).max(0.2).default(0) }),
  response: patternSchema,
});
export const listMemories = contract({
  method: 'get',
  path: '/memory',
  tag: 'memory',
  summary: 'Memories, newest first, without those that another one repeats',
  auth: 'task:read',
  scope: byProjectQuery,
  query: pageQuery.extend({
    project_id: recordId.optional(),
    task_id: recordId.optional(),
    memory_type: memoryType.optional(),
  }),
  response: listOf(memorySchema),
});
export const memoryEmbeddings = contract({
  method: 'get',
  path: '/memory/embeddings',
  tag: 'memory',
  summary: 'The model of the vectors by which texts are compared, and how many texts of the organization have theirs',
  auth: 'task:read',
  scope: 'own',
  response: z.object({
    provider: z.string(),
    model: z.string(),
    /** Whether near vectors mean the same; without it, they only have the same words. */
    semantic: z.boolean(),
    /** `done`: has a vector of this model. `waiting`: has none yet. What is left has one of another model. */
    tables: z.array(
      z.object({
        table: z.string(),
        total: z.number().int(),
        done: z.number().int(),
        waiting: z.number().int(),
        /** The step that is tried again, and why; null: none is. */
        retrying: retryingSchema.nullable(),
      }),
    ),
  }),
});
export const getMemory = contract({
  method: 'get',
  path: '/memory/{id}',
  tag: 'memory',
  summary: 'One memory',
  auth: 'task:read',
  scope: byId('memory'),
  params: idParams,
  response: memorySchema,
});
export const editMemory = contract({
  method: 'patch',
  path: '/memory/{id}',
  tag: 'memory',
  summary: 'Correct a memory',
  auth: 'task:write',
  scope: byId('memory'),
  params: idParams,
  body: z.strictObject({
    memory_type: memoryType.optional(),
    execution_summary: said.min(10).optional(),
    result: said.optional(),
    feedback: said.optional(),
    tags: labels.optional(),
  }),
  response: memorySchema,
});
export const deleteMemory = contract({
  method: 'delete',
  path: '/memory/{id}',
  tag: 'memory',
  summary: 'Delete a memory for good',
  auth: 'task:write',
  scope: byId('memory'),
  params: idParams,
  status: 204,
});
