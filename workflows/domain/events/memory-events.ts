import { z } from 'zod';

const id = z.string();
const changed = z.looseObject({ memory_id: id, by: z.string() });

/** What is learned from attempts, and what later ones are given of it. */
export const memoryEvents = {
  'memory.stored': {
    data: z.looseObject({ memory_id: id, task_id: id.nullable(), memory_type: z.string(), success: z.boolean() }),
    consumers: ['web:memory', 'audit'],
  },
  'memory.updated': { data: changed, consumers: ['web:memory', 'audit'] },
  'memory.deleted': { data: changed, consumers: ['web:memory', 'audit'] },
  'memory.pattern.learned': {
    data: z.looseObject({
      pattern_id: id,
      pattern_type: z.string(),
      task_type_pattern: z.string(),
      confidence: z.number(),
    }),
    consumers: ['web:memory', 'audit'],
  },
  'memory.context.suggested': {
    data: z.looseObject({ task_id: id, attempt: z.number().int(), memory_ids: z.array(id), entry_ids: z.array(id) }),
    consumers: ['web:memory', 'audit'],
  },
  /** Executor, reflector and curator have written what an attempt taught. */
  'ace.workflow.completed': {
    data: z.looseObject({ memory_id: id, task_id: id, operations: z.number().int() }),
    consumers: ['web:memory', 'audit'],
  },
} as const;

/** What was measured of work, and what a gate says of it. */
export const qualityEvents = {
  'quality.metric.recorded': {
    data: z.looseObject({ task_id: id, metric_type: z.string(), value: z.number(), source: z.string() }),
    consumers: ['audit'],
  },
  'gate.evaluated': {
    data: z.looseObject({ task_id: id, gate: z.string(), passed: z.boolean(), reasons: z.array(z.string()) }),
    consumers: ['audit'],
  },
} as const;
