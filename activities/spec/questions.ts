import type { Services } from '../ports/services.ts';

/** Stores the answers of people to the open questions of a plan. */
export function createQuestions({ store, redact }: Services) {
  return {
    answerQuestions: async (input: {
      organization_id: string;
      spec_id: string;
      answers: { question: string; answer: string }[];
      by: string;
    }): Promise<{ answered: number }> => {
      const answers = input.answers.map(({ question, answer }) => ({ question, answer: redact(answer) }));
      await store.specs.answer(input.organization_id, input.spec_id, answers, input.by);
      return { answered: answers.length };
    },
  };
}
