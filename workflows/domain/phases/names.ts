export interface PhaseName {
  /** Id of the phase, and the suffix of its tool, `submit_<id>`. */
  id: string;
  title: string;
  /** The tab of the spec's page that shows the output. */
  tab: 'overview' | 'requirements' | 'design' | 'tasks' | 'attempts';
  /** A person approves the phase, when the spec's policy asks for approval and names no phases. */
  gate?: true;
}

/**
 * The planning phases in order. This file has no schemas, so that the web app, the CLI and the REST contracts can
 * import it. The definition of each phase is in `<id>.ts` and is registered in `index.ts`.
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

/** The phase of the one session that makes a compact plan. Its result is stored as the outputs of the other phases. */
export const planSession = 'plan';
/** A phase that has a session of its own. */
export type SessionPhase = PhaseId | typeof planSession;

export const phaseIds: readonly PhaseId[] = phaseNames.map(({ id }) => id);

/** Phases that a person approves, when a spec's policy asks for approval and names no phases. */
export const gatePhases: readonly PhaseId[] = (phaseNames as readonly (PhaseName & { id: PhaseId })[])
  .filter(({ gate }) => gate)
  .map(({ id }) => id);

/** The entry of a phase; undefined when this version has no such phase, as in a spec of an older version. */
export function phaseName(id: string): (PhaseName & { id: PhaseId }) | undefined {
  return phaseNames.find((phase) => phase.id === id);
}

/** The title of a phase, or its id when this version has no such phase. */
export const phaseTitle = (id: string): string => (id === planSession ? 'Plan' : (phaseName(id)?.title ?? id));

/** The plan of a new spec. A running spec keeps the plan in its input, so that this list may change. */
export const defaultPlan = { version: 1, phases: [...phaseIds] };

/**
 * Progress of a spec in percent, 0 to 100, when a phase starts or ends: equal whole steps, and 100 at the end.
 * @param plan the ids of the spec's own phases, in order.
 */
export function progressAt(plan: readonly string[], phase: string, moment: 'start' | 'end'): number {
  const done = plan.indexOf(phase) + (moment === 'end' ? 1 : 0);
  return done >= plan.length ? 100 : Math.max(0, done) * Math.floor(100 / plan.length);
}
