/** What a chain of reasons is asked about. */
export const reasonedEntities = ['spec', 'ticket', 'task', 'discovery', 'run'] as const;
export type ReasonedEntity = (typeof reasonedEntities)[number];

export const reasoningTypes = [
  'ticket_created',
  'task_spawned',
  'discovery',
  'agent_decision',
  'blocking_added',
  'code_change',
  'error',
] as const;
export type ReasoningType = (typeof reasoningTypes)[number];

export const decisionTypes = ['proceed', 'block', 'complete', 'implement', 'investigate'] as const;

export interface ReasoningEvidence {
  /** Such as output, file, commit, memory, task. */
  type: string;
  content: string;
  /** A path of the web application. */
  link?: string;
}

/** One step of a chain. */
export interface ReasoningStep {
  /** Of a step that was recorded by hand; null for one that follows from a record. */
  event_id: string | null;
  at: Date;
  type: ReasoningType;
  title: string;
  description: string;
  /** Who did it: an e-mail address, a run's id, or a part of the platform. */
  agent: string | null;
  details: Record<string, unknown>;
  evidence: ReasoningEvidence[];
  decision: { type: (typeof decisionTypes)[number]; action: string; reasoning: string } | null;
}

/** The steps in the order of time; at one moment, causes before what follows from them. */
export function inOrder(steps: readonly ReasoningStep[]): ReasoningStep[] {
  const rank = (step: ReasoningStep) => reasoningTypes.indexOf(step.type);
  const causes: Partial<Record<ReasoningType, number>> = { discovery: 0.5 };
  const order = (step: ReasoningStep) => causes[step.type] ?? rank(step);
  return [...steps].sort((a, b) => a.at.getTime() - b.at.getTime() || order(a) - order(b));
}

/** How many steps of each type a chain has. */
export const countTypes = (steps: readonly ReasoningStep[]): Partial<Record<ReasoningType, number>> =>
  Object.fromEntries(
    reasoningTypes.flatMap((type) => {
      const count = steps.filter((step) => step.type === type).length;
      return count > 0 ? [[type, count]] : [];
    }),
  );
