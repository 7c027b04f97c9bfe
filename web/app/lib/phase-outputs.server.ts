import { phases, phaseTitle, type PhaseId, type PhaseOutputs } from '#workflows/domain/phases/index.ts';
import { chapterOf } from '#workflows/domain/phases/markdown.ts';

interface PhaseRecord {
  phase: string;
  output: unknown;
  attempts: { attempt: number; status: string; output: unknown; draft: unknown }[];
}

export interface Content<P extends PhaseId> {
  content: PhaseOutputs[P] | null;
  /** passed: it passed its gate; answer: evaluated and not (yet) passed; draft: still being written. */
  state: 'passed' | 'answer' | 'draft' | 'none';
}

/** A phase's current content: its passed output, else the newest attempt's answer, else its draft. */
export function contentOf<P extends PhaseId>(records: PhaseRecord[], phase: P): Content<P> {
  const record = records.find((entry) => entry.phase === phase);
  const last = record?.attempts.at(-1);
  const found = (
    [
      ['passed', record?.output],
      ['answer', last?.output],
      ['draft', last?.draft],
    ] as const
  ).find(([, value]) => value !== null && value !== undefined);
  const parsed = found && phases[phase].schema.safeParse(found[1]);
  return parsed?.success
    ? { content: parsed.data as PhaseOutputs[P], state: found?.[0] ?? 'none' }
    : { content: null, state: 'none' };
}

/** The Markdown chapter of what a phase has by now. */
export function chapterOfPhase(records: PhaseRecord[], phase: PhaseId) {
  const { content, state } = contentOf(records, phase);
  return { phase, title: phaseTitle(phase), state, text: chapterOf(phase, { [phase]: content }).join('\n\n') };
}

export type Chapter = ReturnType<typeof chapterOfPhase>;
