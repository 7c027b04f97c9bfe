import { recallFor, searchMemories, type Recalled } from '#activities/ports/recall.ts';
import { remember } from '#activities/ports/remember.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { TaskMemory } from '#prisma/store/memories.ts';
import type { LearnedPattern } from '#prisma/store/patterns.ts';
import type * as contracts from '../contracts/memory.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { retryingOf } from './retrying.ts';
import { at, toPageView } from './views.ts';

const toMemoryView = (row: TaskMemory) => ({
  id: row.id,
  project_id: row.project_id,
  task_id: row.task_id,
  attempt: row.attempt,
  run_id: row.run_id,
  memory_type: row.memory_type,
  type_reason: row.type_reason,
  type_confidence: row.type_confidence,
  goal: row.goal,
  execution_summary: row.execution_summary,
  result: row.result,
  feedback: row.feedback,
  tool_usage: row.tool_usage,
  files: row.files,
  tags: row.tags,
  error_patterns: row.error_patterns,
  success: row.success,
  duplicate_of: row.duplicate_of,
  embedded: row.embedded_by !== null,
  reused_count: row.reused_count,
  learned_at: at(row.learned_at),
  updated_at: at(row.updated_at),
  updated_by: row.updated_by,
});

const toFoundView = (row: Recalled) => ({
  ...toMemoryView(row),
  similarity: row.similarity,
  score: row.score,
  uses: row.uses,
});

const toPatternView = (row: LearnedPattern) => ({
  id: row.id,
  project_id: row.project_id,
  pattern_type: row.pattern_type,
  task_type_pattern: row.task_type_pattern,
  success_indicators: row.success_indicators,
  failure_indicators: row.failure_indicators,
  recommended_context: row.recommended_context,
  sample_count: row.sample_count,
  confidence_score: row.confidence_score,
  usage_count: row.usage_count,
  helpful_count: row.helpful_count,
  unhelpful_count: row.unhelpful_count,
  created_at: at(row.created_at),
  updated_at: at(row.updated_at),
});

export async function storeMemory(call: Call, { memory_type, ...input }: Body<typeof contracts.storeMemory>) {
  const { services, organization_id, actor } = call;
  const task = input.task_id ? await services.store.tasks.get(organization_id, input.task_id) : null;
  const project_id = task?.project_id ?? input.project_id;
  if (!project_id)
    throw new AppError('invalid_body', 'project_id: is needed where task_id is not given.', [
      { field: 'project_id', message: 'is needed where task_id is not given' },
    ]);
  const { memory } = await remember(services, {
    ...input,
    id: call.newId('memory'),
    organization_id,
    project_id,
    task_id: task?.id ?? null,
    task_type: task?.task_type ?? null,
    goal: input.goal || (task?.title ?? ''),
    // Of the attempt itself there is one memory, which the platform stores.
    attempt: null,
    run_id: null,
    judged: memory_type && { memory_type, confidence: null, reasoning: `said by ${actor.email}` },
  });
  return { memory_id: memory.id, memory_type: memory.memory_type, duplicate_of: memory.duplicate_of };
}

export async function searchMemory({ services, organization_id }: Call, input: Body<typeof contracts.searchMemory>) {
  const { project_id, success_only, memory_types } = input;
  const results = await searchMemories(
    services,
    { organization_id, project_id, success_only, memory_types },
    {
      text: input.task_description,
      top_k: input.top_k,
      similarity_threshold: input.similarity_threshold,
      mode: input.search_mode,
      weights: { semantic: input.semantic_weight, keyword: input.keyword_weight },
    },
  );
  return { semantic: services.embeddings.semantic, results: results.map(toFoundView) };
}

export async function memoryEmbeddings({ services, organization_id }: Call) {
  const { store, embeddings } = services;
  const { provider, model, semantic } = embeddings;
  const counts = await store.embedding.counts(model, { organization_id });
  const tables = counts.map(async (row) => ({
    ...row,
    retrying:
      row.done === row.total ? null : await retryingOf(services, workflowId.reembed(row.table), { ended_at: null }),
  }));
  return { provider, model, semantic, tables: await Promise.all(tables) };
}

/** Files that a text or the arguments of a tool name. */
function filesIn(texts: string[]): string[] {
  const named = texts.join('\n').match(/(?<![\w/.-])(?:[\w.-]+\/)*[\w-][\w.-]*\.[a-z][a-z0-9]{0,7}(?![\w/])/g) ?? [];
  return [...new Set(named)].slice(0, 50);
}

export async function completeMemory(call: Call, input: Body<typeof contracts.completeMemory>) {
  const { services, organization_id } = call;
  const task = await services.store.tasks.get(organization_id, input.task_id);
  const run = input.agent_id ? await services.store.runs.get(organization_id, input.agent_id) : null;
  if (run && run.task_id !== task.id)
    throw new AppError(
      'invalid_rule',
      'agent_id: this run does not work on the task. Give a run of the task, or leave it out.',
    );
  const { memory, insights, related, operations } = await remember(services, {
    id: call.newId('memory'),
    organization_id,
    project_id: task.project_id,
    task_id: task.id,
    attempt: null,
    run_id: run?.id ?? null,
    task_type: task.task_type,
    goal: input.goal,
    execution_summary: `${task.title}: ${input.result}`.slice(0, 600),
    result: input.result,
    feedback: input.feedback,
    tool_usage: input.tool_usage,
    files: filesIn([input.result, ...input.tool_usage.map((use) => JSON.stringify(use.arguments))]),
    tags: [task.task_type, task.phase_id],
    success: input.success,
  });
  const added = operations.filter(({ operation }) => operation === 'add');
  const updated = [...related.map(({ id }) => id), ...operations.map(({ entry_id }) => entry_id)];
  return {
    memory_id: memory.id,
    memory_type: memory.memory_type,
    files_linked: memory.files,
    tags_added: memory.tags,
    insights_found: insights.map(({ category, content, confidence }) => ({ category, content, confidence })),
    errors_identified: memory.error_patterns,
    related_playbook_entries: related.map(({ id, content }) => ({ id, content })),
    playbook_delta: {
      operations: operations.map(({ operation, entry_id, content }) => ({ operation, entry_id, content })),
      summary: `${added.length} added, ${operations.length - added.length} supported`,
    },
    updated_bullets: [...new Set(updated)],
    change_id: added[0]?.change_id ?? null,
  };
}

export async function taskMemories({ services, organization_id }: Call, id: string, topK: number) {
  const { store } = services;
  const task = await store.tasks.get(organization_id, id);
  const { memories, patterns, rules } = await recallFor(services, task, topK);
  const given = await store.memories.given(organization_id, id, task.attempt);
  return {
    similar_tasks: memories.map(toFoundView),
    matching_patterns: patterns.map(toPatternView),
    recommendations: rules.map(({ id: entry_id, category, content }) => ({ entry_id, category, content })),
    given: {
      memory_ids: given.flatMap(({ memory_id }) => memory_id ?? []),
      entry_ids: given.flatMap(({ entry_id }) => entry_id ?? []),
    },
  };
}

export const listPatterns = async (
  { services, organization_id }: Call,
  { project_id, pattern_type, min_confidence, ...page }: Query<typeof contracts.listPatterns>,
) =>
  toPageView(
    await services.store.patterns.page(
      organization_id,
      { project_id, pattern_type, least_confidence: min_confidence },
      page,
    ),
    toPatternView,
  );

export async function extractPattern(
  { services, organization_id }: Call,
  { project_id, min_samples: least, ...wanted }: Body<typeof contracts.extractPattern>,
) {
  const pattern = await services.store.patterns.extract({ organization_id, project_id }, { ...wanted, least });
  if (!pattern)
    throw new AppError(
      'invalid_rule',
      `task_type_pattern: fewer than ${least} memories match. Let more tasks of this kind end, or ask for fewer with min_samples.`,
    );
  return toPatternView(pattern);
}

export const ratePattern = async (
  { services, organization_id }: Call,
  id: string,
  { helpful, confidence_adjustment: adjustment }: Body<typeof contracts.ratePattern>,
) => toPatternView(await services.store.patterns.feedback(organization_id, id, { helpful, adjustment }));

export const listMemories = async (
  { services, organization_id }: Call,
  { project_id, task_id, memory_type, ...page }: Query<typeof contracts.listMemories>,
) =>
  toPageView(
    await services.store.memories.page(organization_id, { project_id, task_id, memory_type }, page),
    toMemoryView,
  );

export const getMemory = async ({ services, organization_id }: Call, id: string) =>
  toMemoryView(await services.store.memories.get(organization_id, id));

export async function editMemory(
  { services, organization_id, actor }: Call,
  id: string,
  change: Body<typeof contracts.editMemory>,
) {
  const memory = { ...(await services.store.memories.get(organization_id, id)), ...change };
  const embedded = await services.embeddings.embedOne(`${memory.goal} ${memory.execution_summary}`, memory);
  return toMemoryView(await services.store.memories.edit(organization_id, id, change, actor.email, embedded));
}

export async function deleteMemory({ services, organization_id, actor }: Call, id: string): Promise<undefined> {
  await services.store.memories.remove(organization_id, id, actor.email);
}
