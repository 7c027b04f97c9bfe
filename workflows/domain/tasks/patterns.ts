/** A task of a pattern. */
export interface PatternTask {
  title: string;
  description: string;
  task_type: string;
  owned_files?: string[];
  criteria?: { id: string; text: string; check?: string }[];
  /** Positions of the tasks that it waits for, in the pattern's list. */
  after: number[];
  /** So many of them are enough; absent: all. */
  required_count?: number;
  /** A person is asked when they are not done by then. */
  timeout_seconds?: number;
}

interface Work {
  title: string;
  description: string;
}

/** Named ways to divide a piece of work among agents (MERGE-05). Durations and counts are those of the references. */
export const patterns = [
  {
    name: 'parallel_implementation',
    takesParts: true,
    tasks: ({ title, description }: Work, parts: Omit<PatternTask, 'after'>[]): PatternTask[] => [
      ...parts.map((part) => ({ ...part, after: [] })),
      {
        title: `Bring together: ${title}`,
        description: `The parts of this work are done, and their code is in your workspace:\n\n${parts.map((part) => `- ${part.title}`).join('\n')}\n\nMake them one whole, and show that it works.\n\n${description}`,
        task_type: 'implementation',
        after: parts.map((_, i) => i),
        timeout_seconds: 7200,
      },
    ],
  },
  {
    name: 'review_feedback_loop',
    takesParts: false,
    tasks: ({ title, description }: Work): PatternTask[] => [
      { title, description, task_type: 'implementation', after: [] },
      {
        title: `Review: ${title}`,
        description: `Review the code that was just written for this work. Change nothing; list what must be changed, each with its file and line, or say that nothing must.\n\n${description}`,
        task_type: 'review_code',
        after: [0],
      },
      {
        title: `Follow the review: ${title}`,
        description: `A review of this work is among the results of earlier tasks. Make the changes that it asks for; where it asks for none, show by the tests that the work is complete.\n\n${description}`,
        task_type: 'implementation',
        after: [0, 1],
      },
    ],
  },
  {
    name: 'majority_vote',
    takesParts: false,
    tasks: ({ title, description }: Work): PatternTask[] => [
      ...[1, 2, 3].map((voter) => ({
        title: `Answer ${voter} of 3: ${title}`,
        description: `Answer this alone and change nothing. Say the answer in one sentence first, then why.\n\n${description}`,
        task_type: 'research',
        after: [],
      })),
      {
        title: `Follow the majority: ${title}`,
        description: `Two of three answers, or all, are among the results of earlier tasks. Do what most of them say; where they disagree, say so and choose the one with the better reasons.\n\n${description}`,
        task_type: 'implementation',
        after: [0, 1, 2],
        required_count: 2,
        timeout_seconds: 1800,
      },
    ],
  },
] as const;
