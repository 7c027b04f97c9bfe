export interface PhaseName {
  /** Also the suffix of its tool, `submit_<id>`. */
  id: string;
  title: string;
  /** The tab of the spec's page that shows its output. */
  tab: 'overview' | 'requirements' | 'design' | 'tasks' | 'attempts';
  /** A person approves it, where a spec's policy asks for approval and names no phases. */
  gate?: true;
}

/**
 * The planning phases in their order. No schemas here, so that the web app, the CLI and the REST contracts can import
 * this list. Each phase's definition is in `<id>.ts` and is registered in `index.ts`.
 */
export const phaseNames = [
  { id: 'explore', title: 'Explore', tab: 'overview' },
  { id: 'prd', title: 'PRD', tab: 'overview' },
  { id: 'requirements', title: 'Requirements', tab: 'requirements', gate: true },
  { id: 'design', title: 'Design', tab: 'design', gate: true },
  { id: 'tasks', title: 'Tasks', tab: 'tasks', gate: true },
  { id: 'sync', title: 'Sync', tab: 'attempts' },
] as const satisfies readonly PhaseName[];

export type PhaseId = (typeof phaseNames)[number]['id'];

export const phaseIds: readonly PhaseId[] = phaseNames.map(({ id }) => id);

/** Phases that a person approves, where a spec's policy asks for approval and names no phases. */
export const gatePhases: readonly PhaseId[] = (phaseNames as readonly (PhaseName & { id: PhaseId })[])
  .filter(({ gate }) => gate)
  .map(({ id }) => id);

/** The name of a phase. A spec of an older version may hold one that this list lacks: that one has no name. */
export function phaseName(id: string): (PhaseName & { id: PhaseId }) | undefined {
  return phaseNames.find((phase) => phase.id === id);
}

/** The title of a phase, or its id where this version has no such phase. */
export const phaseTitle = (id: string): string => phaseName(id)?.title ?? id;

/** The plan of a new spec. A running spec keeps the plan of its input: this list may grow, its history may not. */
export const defaultPlan = { version: 1, phases: [...phaseIds] };

/**
 * Progress of a spec in percent when a phase starts or ends: equal whole steps, and 100 at the end.
 * @param plan the ids of the spec's own phases, in order.
 */
export function progressAt(plan: readonly string[], phase: string, moment: 'start' | 'end'): number {
  const done = plan.indexOf(phase) + (moment === 'end' ? 1 : 0);
  return done >= plan.length ? 100 : Math.max(0, done) * Math.floor(100 / plan.length);
}
