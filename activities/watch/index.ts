import type { Services } from '../ports/services.ts';
import { createAgentWatch } from './agents.ts';
import { createConductor } from './conductor.ts';
import { createGuardian } from './guardian.ts';
import { createHealth } from './health.ts';
import { createWatchdog } from './watchdog.ts';

export function createWatchActivities(services: Services) {
  return {
    ...createGuardian(services),
    ...createConductor(services),
    ...createHealth(services),
    ...createAgentWatch(services),
    ...createWatchdog(services),
  };
}
