interface Line {
  text: string;
  verdict: string;
  evidence: string;
}

/** A line of a checklist that a later judgement saw otherwise. */
export interface ChangedLine {
  text: string;
  /** Null: the line was not there. */
  before: Line | null;
  after: Line | null;
}

/** The lines of two judgements of a gate that differ. */
export function changedLines(after: readonly Line[], before: readonly Line[]): ChangedLine[] {
  const texts = [...new Set([...after, ...before].map(({ text }) => text))];
  return texts
    .map((text) => ({
      text,
      before: before.find((line) => line.text === text) ?? null,
      after: after.find((line) => line.text === text) ?? null,
    }))
    .filter(({ before: was, after: is }) => was?.verdict !== is?.verdict || was?.evidence !== is?.evidence);
}
