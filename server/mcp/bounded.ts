import { AppError } from '#workflows/domain/errors.ts';
import { changeTexts, cutStart } from '#workflows/domain/text.ts';

/** The longest answer of a tool, in characters: about 25,000 tokens of a model. */
const maxAnswer = 100_000;
/** Lengths at which long texts are cut, until the answer fits. */
const cuts = [20_000, 2000, 300];

/**
 * An answer as JSON. Where it is too long, its long texts are cut, and each says how much it lacks.
 * @throws too_large where that is not enough.
 */
export function boundedText(answer: unknown): string {
  const whole = JSON.stringify(answer);
  if (whole.length <= maxAnswer) return whole;
  for (const length of cuts) {
    const text = JSON.stringify(
      changeTexts(answer, (given) =>
        given.length > length ? `${cutStart(given, length)}… (${given.length - length} more characters)` : given,
      ),
    );
    if (text.length <= maxAnswer) return text;
  }
  throw new AppError(
    'too_large',
    `The answer has more than ${maxAnswer} characters. Ask for fewer rows by limit, or for one record alone.`,
  );
}
