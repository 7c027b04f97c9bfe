import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { commonTo, confidenceOf, type PatternType } from '#workflows/domain/memory/pattern.ts';
import type { StoreCore } from './core.ts';
import { memoryRow, patternRow, type LearnedPattern } from './memory-rows.ts';
import { pageOf, type PageQuery } from './page.ts';
import { lockProject } from './row-locks.ts';

export type { LearnedPattern } from './memory-rows.ts';

/** The newest memories that a pattern is made from. */
const mostSamples = 50;

const badExpression = (message: string) =>
  new AppError('invalid_body', `task_type_pattern: ${message}`, [{ field: 'task_type_pattern', message }]);

/** @throws invalid_body for an expression that the database does not take. */
async function matching<T>(expression: string, read: () => Promise<T>): Promise<T> {
  // A back-reference is the one part of these expressions whose search has no limit.
  if (/\\[1-9]/.test(expression)) throw badExpression('a back-reference such as \\1 is not taken. Leave it out.');
  try {
    return await read();
  } catch (error) {
    if (String(error).includes('invalid regular expression'))
      throw badExpression(
        `is no regular expression: ${/invalid regular expression: ([^\n"`]*)/.exec(String(error))?.[1] ?? ''}`.trim(),
      );
    throw error;
  }
}

export function patternsStore(core: StoreCore) {
  return {
    /**
     * MEM-04: makes or renews the pattern of the tasks whose type and goal match a regular expression.
     * @returns null with fewer samples than `least`.
     */
    extract: (
      { organization_id, project_id }: { organization_id: string; project_id: string },
      wanted: { pattern_type: PatternType; task_type_pattern: string; least: number },
    ) =>
      matching(wanted.task_type_pattern, () =>
        core.change(async (tx, emit): Promise<LearnedPattern | null> => {
          const { pattern_type, task_type_pattern } = wanted;
          await lockProject(tx, project_id);
          const found = await tx.$queryRaw<{ id: string }[]>`
            SELECT id FROM task_memories
            WHERE project_id = ${project_id}::uuid AND organization_id = ${organization_id}::uuid AND duplicate_of IS NULL
              AND success = ${pattern_type !== 'failure'} AND coalesce(task_type, '') || ' ' || goal ~* ${task_type_pattern}
            ORDER BY learned_at DESC LIMIT ${mostSamples}`;
          if (found.length < wanted.least) return null;
          const ids = found.map(({ id }) => id);
          const memories = (await tx.taskMemory.findMany({ where: { id: { in: ids } } })).map(memoryRow);
          const { indicators, recommended_context } = commonTo(
            memories.map((memory) => ({
              ...memory,
              text: `${memory.execution_summary} ${memory.result}`,
              tools: memory.tool_usage.map(({ tool_name }) => tool_name),
            })),
          );
          const key = { project_id, pattern_type, task_type_pattern };
          const known = await tx.learnedPattern.findFirst({ where: key });
          const data = {
            success_indicators: pattern_type === 'failure' ? [] : indicators,
            failure_indicators: pattern_type === 'failure' ? indicators : [],
            recommended_context: recommended_context as object,
            sample_count: ids.length,
            confidence_score: confidenceOf(ids.length, known?.adjustment),
            updated_at: new Date(),
          };
          const row = known
            ? await tx.learnedPattern.update({ where: { id: known.id }, data })
            : await tx.learnedPattern.create({ data: { id: randomUUID(), organization_id, ...key, ...data } });
          const by = memories.find(({ embedded_by }) => embedded_by !== null)?.embedded_by ?? null;
          await tx.$executeRaw`UPDATE learned_patterns SET embedded_by = ${by}, embedding =
            (SELECT avg(embedding) FROM task_memories WHERE id = ANY(${ids}::uuid[]) AND embedded_by = ${by}) WHERE id = ${row.id}::uuid`;
          if (!known)
            emit({
              type: 'memory.pattern.learned',
              organization_id,
              project_id,
              entity: { kind: 'pattern', id: row.id },
              data: { pattern_id: row.id, pattern_type, task_type_pattern, confidence: row.confidence_score },
            });
          return patternRow(row);
        }),
      ),
    page: (
      organizationId: string,
      filter: { project_id?: string; pattern_type?: string; least_confidence?: number },
      page: PageQuery,
    ) =>
      core.read((db) => {
        const { least_confidence, ...of } = filter;
        const where = { organization_id: organizationId, ...of, confidence_score: { gte: least_confidence ?? 0 } };
        return pageOf(page, async ({ where: beyond, orderBy, take }) =>
          (await db.learnedPattern.findMany({ where: { AND: [where, beyond] }, orderBy, take })).map(patternRow),
        );
      }),
    /** Patterns that match a text and are believed at least so far, the surest first. */
    of: (projectId: string, text: string, least: number, limit: number) =>
      core
        .read(async (db) =>
          (
            await db.$queryRaw<{ id: string }[]>`
            SELECT id FROM learned_patterns
            WHERE project_id = ${projectId}::uuid AND confidence_score >= ${least} AND ${text} ~* task_type_pattern
            ORDER BY confidence_score DESC, id LIMIT ${limit}`
          ).map(({ id }) => id),
        )
        .then((ids) =>
          core.read(async (db) => {
            const found = (await db.learnedPattern.findMany({ where: { id: { in: ids } } })).map(patternRow);
            return ids.flatMap((id) => found.filter((row) => row.id === id));
          }),
        ),
    /** What a person says of a pattern. */
    feedback: (organizationId: string, id: string, { helpful, adjustment }: { helpful: boolean; adjustment: number }) =>
      core.change(async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM learned_patterns WHERE id = ${id}::uuid FOR UPDATE`;
        const known = await tx.learnedPattern.findFirst({ where: { id, organization_id: organizationId } });
        if (!known) throw notFound('pattern');
        const total = Math.max(-1, Math.min(1, known.adjustment + adjustment));
        return patternRow(
          await tx.learnedPattern.update({
            where: { id },
            data: {
              adjustment: total,
              confidence_score: confidenceOf(known.sample_count, total),
              updated_at: new Date(),
              ...(helpful ? { helpful_count: { increment: 1 } } : { unhelpful_count: { increment: 1 } }),
            },
          }),
        );
      }),
  };
}
