import { fusedScores, standing, usefulness, type SearchWeights } from '#workflows/domain/memory/rank.ts';
import { suggestedFrom } from '#workflows/domain/memory/thresholds.ts';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { MemoryScope } from '#prisma/store/memory-search.ts';
import type { Services } from './services.ts';

export interface MemoryQuery {
  text: string;
  top_k: number;
  /** Least cosine similarity of a semantic hit, 0 to 1. */
  similarity_threshold: number;
  mode: 'hybrid' | 'semantic' | 'keyword';
  weights: SearchWeights;
}

type Needed = Pick<Services, 'store' | 'embeddings' | 'log' | 'config'>;

const ownerOf = ({ organization_id, project_id }: MemoryScope) => ({ organization_id, project_id: project_id ?? null });

export type Recalled = Awaited<ReturnType<typeof searchMemories>>[number];

/**
 * MEM-03: memories about a text, the best first. `score` is the cosine similarity (semantic), PostgreSQL's rank (keyword)
 * or the fused score (hybrid), times what past uses make of it.
 * @param asked vectors of the text; given where the caller has them already.
 */
export async function searchMemories(
  services: Needed,
  scope: MemoryScope,
  query: MemoryQuery,
  asked = () => services.embeddings.queries(query.text, ownerOf(scope), 'task_memories'),
) {
  const { memories } = services.store;
  const wide = query.mode === 'hybrid' ? 2 * query.top_k : query.top_k;
  const sense = async () => {
    if (query.mode === 'keyword') return [];
    const found = await memories.bySense(scope, await asked(), wide);
    return found.filter(({ similarity }) => similarity >= query.similarity_threshold);
  };
  const [bySense, byWords] = await Promise.all([
    sense(),
    query.mode === 'semantic' ? [] : memories.byWords(scope, query.text, wide),
  ]);
  const similarities = new Map(bySense.map(({ id, similarity }) => [id, similarity]));
  const ids = (list: { id: string }[]) => list.map(({ id }) => id);
  const scores =
    query.mode === 'hybrid'
      ? fusedScores(ids(bySense), ids(byWords), query.weights)
      : new Map([...similarities, ...byWords.map(({ id, rank }) => [id, rank] as const)]);
  const rows = await memories.withUses(scope.organization_id, [...scores.keys()]);
  return rows
    .map((row) => ({
      ...row,
      similarity: similarities.get(row.id) ?? null,
      score: (scores.get(row.id) ?? 0) * usefulness(row.uses),
    }))
    .sort((a, b) => b.score - a.score || b.learned_at.getTime() - a.learned_at.getTime())
    .slice(0, query.top_k);
}

const weights: SearchWeights = { semantic: 0.6, keyword: 0.4 };

/** MEM-05: what earlier attempts say about a task: the most similar ones, patterns of its type, and rules of the project. */
export async function recallFor(
  services: Needed,
  task: Pick<Task, 'id' | 'organization_id' | 'project_id' | 'task_type' | 'title' | 'description'>,
  top_k = 3,
) {
  const { store, embeddings, config } = services;
  if (!(await store.memories.any(task.project_id))) return { memories: [], patterns: [], rules: [] };
  const text = `${task.title} ${task.description}`;
  const scope = { organization_id: task.organization_id, project_id: task.project_id };
  const query: MemoryQuery = {
    ...{ text, top_k: top_k + 2, mode: 'hybrid', weights },
    similarity_threshold: embeddings.semantic ? config.memory.similarity : config.memory.lexical_similarity,
  };
  const asked = await embeddings.queries(text, scope, 'task_memories');
  const [found, patterns, entries, near] = await Promise.all([
    searchMemories(services, scope, query, () => Promise.resolve(asked)),
    store.patterns.of(task.project_id, `${task.task_type} ${text}`, suggestedFrom, 3),
    store.playbook.active(task.project_id),
    store.playbook.similarities(task.project_id, asked),
  ]);
  const now = new Date();
  const rules = entries
    .map((entry) => ({
      ...entry,
      score:
        standing({ ...entry, supports: entry.supporting_memory_ids.length }, now) *
        (0.2 + Math.max(0, near.get(entry.id) ?? 0)),
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 10);
  // Earlier attempts at the task itself reach it by their own way.
  return { memories: found.filter(({ task_id }) => task_id !== task.id).slice(0, top_k), patterns, rules };
}

export type Recall = Awaited<ReturnType<typeof recallFor>>;

/** What is given to a task, in as many tokens at most: its text, and what is in it. */
export function lessonsOf(recall: Recall, maxTokens: number) {
  const given: Record<'memory_ids' | 'entry_ids' | 'pattern_ids', string[]> = {
    ...{ memory_ids: [], entry_ids: [], pattern_ids: [] },
  };
  const lines: string[] = [];
  const fits = (line: string) => {
    if (estimateTokens([...lines, line].join('\n').length) > maxTokens) return false;
    lines.push(line);
    return true;
  };
  for (const { id, content, category } of recall.rules)
    if (fits(`- [rule ${id.slice(0, 8)}, ${category}] ${content}`)) given.entry_ids.push(id);
  for (const memory of recall.memories) {
    const errors = memory.error_patterns.map(({ type }) => type).filter((type) => type !== 'generic');
    const line = `- [memory ${memory.id.slice(0, 8)}, ${memory.memory_type}, ${memory.success ? 'succeeded' : 'failed'}] ${memory.execution_summary}${memory.feedback ? ` Feedback: ${memory.feedback.slice(0, 400)}` : ''}${errors.length > 0 ? ` Errors: ${errors.join(', ')}.` : ''}${memory.files.length > 0 ? ` Files: ${memory.files.slice(0, 8).join(', ')}.` : ''}`;
    if (fits(line.replace(/\s+/g, ' '))) given.memory_ids.push(memory.id);
  }
  for (const pattern of recall.patterns) {
    const { files } = pattern.recommended_context;
    const known = [...pattern.success_indicators, ...pattern.failure_indicators];
    if (
      fits(
        `- [pattern ${pattern.id.slice(0, 8)}, ${pattern.pattern_type}] Tasks like this had in common: ${known.join(', ')}${files.length > 0 ? `; files ${files.join(', ')}` : ''}.`,
      )
    )
      given.pattern_ids.push(pattern.id);
  }
  return { ...given, text: lines.join('\n') };
}
