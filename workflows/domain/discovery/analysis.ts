import { roleOfPhase } from '../tasks/analysis.ts';
import { branchOf, discoveryTypes, isDiagnostic } from './types.ts';

export interface Found {
  id: string;
  discovery_type: string;
  title: string;
  description: string;
  resolution_status: string;
}

export interface Pattern {
  pattern_type: string;
  description: string;
  severity: 'critical' | 'high' | 'medium' | 'low';
  affected_components: string[];
  suggested_action: string;
  /** 0 to 1. */
  confidence: number;
  discovery_ids: string[];
}

/** So many discoveries of one type make a pattern. */
const leastOfPattern = 3;

const severities: Readonly<Record<string, Pattern['severity']>> = {
  security_issue: 'critical',
  blocker: 'high',
  bug: 'high',
  missing_dependency: 'high',
  integration_issue: 'high',
  technical_debt: 'low',
  optimization: 'low',
};

const actions: Readonly<Record<string, string>> = {
  bug: 'Look for one cause of them before each is fixed by itself.',
  blocker: 'Remove what they have in common before more of the work begins.',
  missing_dependency: 'Add what is missing to the project, once.',
  missing_requirement: 'Go back to the requirements: work finds gaps in them.',
  clarification_needed: 'Answer the open question once, in the spec.',
  security_issue: 'Let a person look at the place before more is built on it.',
};

/** Files and folders that a text names. */
const componentsIn = (text: string): string[] => [
  ...new Set(text.match(/(?<![\w/.-])(?:[\w.-]+\/)*[\w-][\w.-]*\.[a-z][a-z0-9]{0,7}(?![\w/])/gi) ?? []),
];

/** Most frequent first. */
function counted(names: string[]): { component: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([component, count]) => ({ component, count }))
    .sort((a, b) => b.count - a.count || a.component.localeCompare(b.component));
}

const isOpen = ({ resolution_status: status }: Found) => status === 'open' || status === 'in_progress';

/**
 * What the discoveries of some work have in common (DISC-07). A pattern is a type with at least three of them; it is surer
 * the more of them name the same file. Health: 1 without any, less by each one that is open, bugs and blockers most.
 */
export function analyseDiscoveries(found: readonly Found[]) {
  const types = [...new Set(found.map((one) => one.discovery_type))].filter((type) => !type.startsWith('diagnostic_'));
  const patterns = types.flatMap((type): Pattern[] => {
    const alike = found.filter((one) => one.discovery_type === type);
    if (alike.length < leastOfPattern) return [];
    const components = counted(alike.flatMap((one) => componentsIn(`${one.title} ${one.description}`)));
    const [first] = components;
    return [
      {
        pattern_type: type,
        description: `${alike.length} discoveries of type ${type}${first && first.count > 1 ? `, ${first.count} of them in ${first.component}` : ''}.`,
        severity: severities[type] ?? 'medium',
        affected_components: components.slice(0, 5).map(({ component }) => component),
        suggested_action: actions[type] ?? 'Look whether they have one cause.',
        confidence: Math.round((0.5 + 0.5 * ((first?.count ?? 0) / alike.length)) * 100) / 100,
        discovery_ids: alike.map(({ id }) => id),
      },
    ];
  });
  const weights = found
    .filter(isOpen)
    .map(({ discovery_type: type }) =>
      severities[type] === 'critical' ? 0.2 : severities[type] === 'high' ? 0.1 : 0.05,
    );
  const health = Math.max(0, 1 - weights.reduce((sum, weight) => sum + weight, 0));
  const hotspots = counted(found.flatMap((one) => componentsIn(`${one.title} ${one.description}`)))
    .filter(({ count }) => count > 1)
    .slice(0, 5);
  const ranks = ['critical', 'high', 'medium', 'low'];
  return {
    patterns,
    enough_data: found.length >= leastOfPattern,
    summary:
      found.length < leastOfPattern
        ? `Too few discoveries to see a pattern: ${found.length}, at least ${leastOfPattern} of a type are needed.`
        : patterns.length === 0
          ? `${found.length} discoveries, of no type ${leastOfPattern} or more.`
          : patterns.map(({ description }) => description).join(' '),
    health_score: Math.round(health * 100) / 100,
    priority_recommendations: [...patterns]
      .sort((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity))
      .map(({ suggested_action: action, pattern_type: type }) => `${type}: ${action}`),
    hotspots,
  };
}

/** Discoveries that held work up. */
export const blockingTypes = ['bug', 'blocker', 'missing_dependency'];

/** The blockers that a task is likely to meet: those of like work that are most similar to it. @param similarities by id, -1 to 1. */
export function likelyBlockers(found: readonly Found[], similarities: ReadonlyMap<string, number>, from: number) {
  if (found.length === 0)
    return { likely_blockers: [], confidence: 0.3, prevention_suggestions: [], similar_past_discoveries: [] };
  const near = found
    .map((one) => ({ ...one, similarity: similarities.get(one.id) ?? 0 }))
    .filter(({ similarity }) => similarity >= from)
    .sort((a, b) => b.similarity - a.similarity);
  return {
    likely_blockers: near
      .slice(0, 3)
      .map(({ title, discovery_type, similarity }) => ({ title, discovery_type, similarity })),
    confidence: near[0] ? Math.min(0.95, near[0].similarity) : 0.3,
    prevention_suggestions: near
      .filter(isOpen)
      .slice(0, 3)
      .map(({ title }) => `Wait for "${title}", or plan around it: it is still open.`),
    similar_past_discoveries: near.slice(0, 5).map(({ id, title, similarity }) => ({ id, title, similarity })),
  };
}

const none: string[] = [];

/** Who should take up a discovery: the role of the phase that its type leads to. */
export function recommendedAgent(typeName: string, text: string) {
  const type = discoveryTypes.find((one) => one === typeName);
  if (type) {
    const { phase_id } = branchOf(type, { phase_id: 'PHASE_IMPLEMENTATION', priority: 'MEDIUM' }, { boost: false });
    const role = isDiagnostic(type) ? 'diagnostician' : roleOfPhase(phase_id);
    return {
      recommended_agent_type: role,
      reasoning: `Work of type ${type} belongs to ${phase_id}.`,
      alternative_types: none,
      special_instructions: null,
    };
  }
  const signs: [RegExp, string, string][] = [
    [/\b(require|clarif|plan|design|decide|scope)/i, 'planner', 'It speaks of what is wanted.'],
    [/\b(test|verify|validat|check|coverage)/i, 'validator', 'It speaks of checks.'],
    [/\b(why|stuck|diagnos|investigat|cause)/i, 'diagnostician', 'It asks for a cause.'],
    [/\b(merge|coordinat|release|hand ?over)/i, 'coordinator', 'It speaks of bringing work together.'],
  ];
  const said = signs.filter(([sign]) => sign.test(text));
  const [first, ...others] = said;
  return {
    recommended_agent_type: first?.[1] ?? 'implementer',
    reasoning: first?.[2] ?? 'Nothing in it asks for another role.',
    alternative_types: others.map(([, role]) => role),
    special_instructions: null,
  };
}
