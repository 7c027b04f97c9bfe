export { agentWorkflow } from './agent.ts';
export { discoveryWorkflow } from './discovery.ts';
export { mergeWorkflow } from './merge.ts';
export { projectQueueWorkflow } from './project-queue.ts';
export { taskWorkflow } from './task.ts';
export { ticketWorkflow } from './ticket.ts';
export { specWorkflow } from './spec.ts';
export { specPhaseWorkflow } from './spec-phase.ts';
