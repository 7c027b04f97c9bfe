import { statusesOf, type transitions } from '../transitions.ts';

/** What a registered agent is for. The first four take tasks; the others only watch. */
export const workingTypes = ['worker', 'specialist', 'coordinator', 'reviewer'] as const;
export const agentTypes = [...workingTypes, 'monitor', 'watchdog', 'guardian'] as const;
export type AgentType = (typeof agentTypes)[number];

export type AgentStatus = keyof typeof transitions.agent;
export const agentStatuses = statusesOf('agent') as AgentStatus[];

/** The most tasks that an agent works on at once. */
export const mostCapacity = 10;

/** How much an actor may do to agents (EXEC-32): an agent's own key, the watchdog, monitors, people who administer. */
export const authority = { agent: 1, watchdog: 2, monitor: 3, admin: 4, operator: 5 } as const;
/** The least authority that restarts an agent or puts it into quarantine. */
export const restartAuthority = authority.monitor;

/** A name of the kind `worker-implementation-001`. @param number counts the organization's agents of the kind from 1. */
export const agentName = (type: AgentType, phase: string | null, number: number): string =>
  `${type}-${(phase ?? 'any')
    .replace(/^PHASE_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}-${String(number).padStart(3, '0')}`;

/** Capabilities are compared without case and outer white space. Each is listed once, in the order given. */
export const sameCapabilities = (capabilities: readonly string[]): string[] => [
  ...new Set(capabilities.map((capability) => capability.trim().toLowerCase()).filter(Boolean)),
];
