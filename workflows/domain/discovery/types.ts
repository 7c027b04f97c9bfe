import { boosted, type Priority } from '../tasks/states.ts';
import { cutStart } from '../text.ts';

/** The types of discoveries (DISC-01), with two more that the catalogue used without a definition. */
export const discoveryTypes = [
  'bug',
  'optimization',
  'clarification_needed',
  'new_component',
  'security_issue',
  'performance_issue',
  'missing_requirement',
  'integration_issue',
  'technical_debt',
  'blocker',
  'missing_dependency',
  'diagnostic_stuck',
  'diagnostic_no_result',
  'diagnostic_validation_loop',
] as const;
export type DiscoveryType = (typeof discoveryTypes)[number];

/** Whether a discovery is a diagnosis of work that is stuck. */
export const isDiagnostic = (type: DiscoveryType) => type.startsWith('diagnostic_');

const boostedTypes = new Set<DiscoveryType>([
  'bug',
  'blocker',
  'missing_dependency',
  'diagnostic_no_result',
  'security_issue',
]);

/** Whether work of this type is raised by one step of priority. */
export const boostOf = (type: DiscoveryType) => boostedTypes.has(type);

/** Phase and priority of the work that a discovery opens. The reporter's own values come first. */
export function branchOf(
  type: DiscoveryType,
  source: { phase_id: string; priority: Priority },
  said: { phase?: string; priority?: Priority; boost: boolean },
): { phase_id: string; priority: Priority } {
  const usual: Partial<Record<DiscoveryType, { phase_id: string; priority?: Priority }>> = {
    security_issue: { phase_id: 'PHASE_REQUIREMENTS', priority: 'CRITICAL' },
    clarification_needed: { phase_id: 'PHASE_REQUIREMENTS' },
    optimization: { phase_id: 'PHASE_REQUIREMENTS', priority: 'MEDIUM' },
  };
  const stepped = said.boost ? boosted(source.priority) : source.priority;
  return {
    phase_id: said.phase ?? usual[type]?.phase_id ?? 'PHASE_IMPLEMENTATION',
    priority: said.priority ?? usual[type]?.priority ?? stepped,
  };
}

/** Title of a discovery: the first line, at most 60 characters plus "...", cut between words (DISC-02). */
export function discoveryTitle(description: string): string {
  const line = description.trim().split('\n')[0] ?? '';
  if (line.length <= 60) return line;
  const cut = cutStart(line, 61);
  return `${cutStart(cut, Math.max(cut.lastIndexOf(' '), 20)).trimEnd()}...`;
}

export interface DiscoveryCaps {
  max_depth: number;
  per_task: number;
  open_per_ticket: number;
  repeat_signature_limit: number;
}

/**
 * The cap that keeps a discovery from opening work, as a sentence for a person; null when none does. The discovery is
 * stored in any case.
 */
export function cappedBy(
  caps: DiscoveryCaps,
  counts: { depth: number; of_task: number; open_of_ticket: number; repeats: number },
): string | null {
  if (counts.depth > caps.max_depth) return `Discoveries nest ${counts.depth} deep; the limit is ${caps.max_depth}.`;
  if (counts.of_task >= caps.per_task)
    return `The task has opened ${counts.of_task} branches; the limit is ${caps.per_task}.`;
  if (counts.open_of_ticket >= caps.open_per_ticket)
    return `The ticket has ${counts.open_of_ticket} open branches; the limit is ${caps.open_per_ticket}.`;
  if (counts.repeats >= caps.repeat_signature_limit)
    return `The same failure came back after ${counts.repeats} branches of work; the limit is ${caps.repeat_signature_limit}.`;
  return null;
}
