import { z } from 'zod';
import { diagnosticTriggers, type Diagnosis } from '#workflows/domain/diagnosis.ts';
import { memoryTypes, playbookCategories, type PlaybookCategory } from '#workflows/domain/memory/kinds.ts';
import type { Uses } from '#workflows/domain/memory/rank.ts';
import { patternTypes } from '#workflows/domain/memory/pattern.ts';
import type { FoundError } from '#workflows/domain/memory/reflect.ts';
import type * as rows from '../generated/client.ts';
import { list, record, typed, type Typed } from './json.ts';

/** One call of a tool in the work that a memory is about; texts are cut. */
export interface ToolUse {
  tool_name: string;
  arguments: Record<string, unknown>;
  result: string;
}

const memoryJson = {
  memory_type: z.enum(memoryTypes),
  tool_usage: list<ToolUse>(),
  error_patterns: list<FoundError>(),
};
export type TaskMemory = Typed<rows.TaskMemory, typeof memoryJson>;
export const memoryRow = typed<rows.TaskMemory, typeof memoryJson>(memoryJson);

/** What people and reflection may change in an entry of a playbook. */
export interface EntryContent {
  content: string;
  category: PlaybookCategory;
  tags: string[];
  /** 1 to 10. */
  priority: number;
  is_active: boolean;
}

const entryJson = { category: z.enum(playbookCategories) };
export type PlaybookEntry = Typed<rows.PlaybookEntry, typeof entryJson>;
export const entryRow = typed<rows.PlaybookEntry, typeof entryJson>(entryJson);

const changeJson = {
  operation: z.enum(['add', 'update', 'delete']),
  old_content: record<EntryContent>().nullable(),
  new_content: record<EntryContent>().nullable(),
};
export type PlaybookChange = Typed<rows.PlaybookChange, typeof changeJson>;
export const changeRow = typed<rows.PlaybookChange, typeof changeJson>(changeJson);

const patternJson = {
  pattern_type: z.enum(patternTypes),
  recommended_context: record<{ files: string[]; tags: string[] }>(),
};
export type LearnedPattern = Typed<rows.LearnedPattern, typeof patternJson>;
export const patternRow = typed<rows.LearnedPattern, typeof patternJson>(patternJson);

const diagnosticJson = {
  trigger: z.enum(diagnosticTriggers),
  status: z.enum(['running', 'completed', 'skipped', 'failed']),
  diagnosis: record<Diagnosis>().nullable(),
};
export type DiagnosticRun = Typed<rows.DiagnosticRun, typeof diagnosticJson>;
export const diagnosticRow = typed<rows.DiagnosticRun, typeof diagnosticJson>(diagnosticJson);

/** How the uses of a memory or a rule ended, from counts of all that are asked about. */
export function usesOf<K extends 'memory_id' | 'entry_id'>(
  counts: readonly (Record<K, string | null> & { helped: boolean | null; _count: number })[],
  key: K,
  id: string,
): Uses {
  const count = (helped: boolean) => counts.find((one) => one[key] === id && one.helped === helped)?._count ?? 0;
  return { helped: count(true), failed: count(false) };
}
