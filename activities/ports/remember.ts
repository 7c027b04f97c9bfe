import { insightsIn, errorsIn, type Insight } from '#workflows/domain/memory/reflect.ts';
import { typeByWords, type MemoryType } from '#workflows/domain/memory/kinds.ts';
import { withoutPersonalData } from '#workflows/domain/memory/personal-data.ts';
import { memoryThresholds } from '#workflows/domain/memory/thresholds.ts';
import { changeTexts } from '#workflows/domain/text.ts';
import type { Learned, NewMemory, ToolUse } from '#prisma/store/memories.ts';
import type { Services } from './services.ts';

/** What is said of an attempt, or by a person. */
export interface Experience {
  id: string;
  organization_id: string;
  project_id: string;
  task_id: string | null;
  attempt: number | null;
  run_id: string | null;
  task_type: string | null;
  goal: string;
  execution_summary: string;
  result: string;
  feedback: string;
  tool_usage: ToolUse[];
  files: string[];
  tags: string[];
  success: boolean;
  /** What a model or a person says it is; absent: words decide. */
  judged?: { memory_type: MemoryType; confidence: number | null; reasoning: string; insights?: Insight[] };
}

export interface Remembered extends Learned {
  insights: Insight[];
}

type Needed = Pick<Services, 'store' | 'embeddings' | 'redact'>;

/**
 * Stores an experience as a memory, and the rules in it in the playbook of the project, all in one transaction. Secrets
 * and personal data are removed first.
 */
export async function remember(services: Needed, given: Experience): Promise<Remembered> {
  const clean = <T>(value: T): T => changeTexts(value, (text) => withoutPersonalData(services.redact(text)));
  const { judged: asked, ...whole } = given;
  const { goal, execution_summary, result, feedback, tool_usage, tags } = whole;
  const experience = { ...whole, ...clean({ goal, execution_summary, result, feedback, tool_usage, tags }) };
  const judged = clean(asked);
  const said = `${experience.execution_summary}\n${experience.result}\n${experience.feedback}`;
  const insights = judged?.insights ?? insightsIn(`${experience.result}\n${experience.feedback}`);
  const [embedded, ...ofRules] = await services.embeddings.embed(
    [`${experience.goal} ${experience.execution_summary}`, ...insights.map(({ content }) => content)],
    experience,
  );
  const memory: NewMemory = {
    ...experience,
    memory_type: judged?.memory_type ?? typeByWords(said),
    type_confidence: judged?.confidence ?? null,
    type_reason: judged?.reasoning ?? 'by its words',
    error_patterns: errorsIn(experience.feedback),
    embedded,
  };
  const learned = await services.store.memories.learn(
    memory,
    insights.map(({ category, content }, i) => ({
      ...{ category, content },
      tags: experience.tags,
      reason: 'learned from a task',
      embedded: ofRules[i],
    })),
    memoryThresholds,
  );
  return { ...learned, insights };
}
