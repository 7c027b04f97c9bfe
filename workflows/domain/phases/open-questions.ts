import { normalised } from '../comparable-text.ts';
import type { Note } from './fields.ts';
import type { PriorOutputs } from './index.ts';
import type { PhaseId } from './names.ts';

/** A question that neither the request nor the code answers, and the assumption that holds while no person does. */
export interface OpenQuestion {
  phase: PhaseId;
  question: string;
  /** Empty: the phase has stated none. */
  assumption: string;
}

/** A person's answer. It belongs to the question with the same text. */
export interface Answer {
  question: string;
  answer: string;
  by: string;
  /** ISO time. */
  at: string;
}

export type AnsweredQuestion = OpenQuestion & { answer: Answer | null };

/** The phases that may leave questions open. The design builds on their answers. */
const asking = ['prd', 'requirements'] as const satisfies PhaseId[];

/** The phase from which on a plan builds on the answers, and no answer is accepted. */
const answersUntil: PhaseId = 'design';

/** Whether answers still reach the plan while this phase is under way or at its gate. */
export function takesAnswers(plan: readonly string[], phase: string): boolean {
  const [at, until] = [plan.indexOf(phase), plan.indexOf(answersUntil)];
  return at >= 0 && at < (until < 0 ? plan.length : until);
}

/** The open questions of a plan in order; a question that two phases ask counts once, as the later one asks it. */
export function openQuestions(outputs: PriorOutputs): OpenQuestion[] {
  const found = asking.flatMap((phase) => {
    const stated = outputs[phase]?.open_questions ?? [];
    const notes: Note[] = typeof stated === 'string' ? [stated] : stated;
    return notes.flatMap((note) => ({ phase, ...readQuestion(note) }));
  });
  const byText = new Map(
    found.flatMap((item) => (saysNothing(item.question) ? [] : [[normalised(item.question), item]])),
  );
  return [...byText.values()];
}

const saysNothing = (text: string) => /^\W*(?:none|no(?: open)? questions?|n\/a)?\W*$/i.test(text);

/** Reads `{question, assumption}`, or a sentence that may end in `Assumption: ...`. */
function readQuestion(note: Note): { question: string; assumption: string } {
  if (typeof note === 'string') {
    const [question = '', ...assumed] = note.split(/\s*\bassum(?:ption|ed|ing|e)\s*:\s*/i);
    return { question: question.trim(), assumption: assumed.join(' ').trim() };
  }
  const { question, assumption, ...others } = note;
  return { question: textOf(question) || textOf(Object.values(others)[0]), assumption: textOf(assumption) };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

/** The open questions of a plan with the answers to them. */
export function answeredQuestions(outputs: PriorOutputs, answers: readonly Answer[]): AnsweredQuestion[] {
  return openQuestions(outputs).map((item) => ({
    ...item,
    answer: answers.findLast(({ question }) => normalised(question) === normalised(item.question)) ?? null,
  }));
}

/** The answers of people as a text for a planning session; undefined without one. */
export function answersText(answers: readonly Pick<Answer, 'question' | 'answer'>[]): string | undefined {
  if (answers.length === 0) return undefined;
  return answers.map(({ question, answer }) => `Question: ${question}\nAnswer: ${answer}`).join('\n\n');
}
