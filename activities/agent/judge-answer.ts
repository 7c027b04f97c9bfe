import { showCitation as show } from '#workflows/domain/agent/citations.ts';
import { placesIn } from '../support/cited-places.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../ports/services.ts';

export interface AnswerVerdict {
  accepted: boolean;
  reason: string;
  message: string;
}

/**
 * Judges the answer of a run that was asked about the code: the places that it cites must exist. The last iteration is
 * accepted with a note on the places that do not.
 */
export function createJudgeAnswer({ store, repositories }: Pick<Services, 'store' | 'repositories'>) {
  return async function judgeAnswer(
    run: Run,
    input: { cause: string; message: string; last: boolean },
  ): Promise<AnswerVerdict> {
    const answer = await store.transcripts.lastText(run.id);
    if (input.cause !== 'stopped' || !answer)
      return {
        accepted: false,
        reason: 'no_answer',
        message: `The answer is missing: ${input.message} Write it now as text, with the files and lines that show it.`,
      };
    const { found, wrong } = await placesIn(repositories, run, answer);
    if (!input.last && (found.length === 0 || wrong.length > 0)) {
      const problem =
        found.length + wrong.length === 0
          ? 'The answer cites no place as path:line.'
          : `The answer cites places that do not exist: ${wrong.map(show).join(', ')}.`;
      return {
        accepted: false,
        reason: 'no_citations',
        message: `${problem} Look again, then write the whole answer once more as text.`,
      };
    }
    const note = wrong.length > 0 ? `\n\n(These places do not exist: ${wrong.map(show).join(', ')}.)` : '';
    await store.runs.setOutcome(run.organization_id, run.id, { ...run.outcome, summary: answer + note });
    return { accepted: true, reason: 'answered', message: 'The question is answered.' };
  };
}
