import type { Services } from '../ports/services.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { createHoldRuns } from './hold-runs.ts';
import { createPhaseActivities } from './prepare-phase.ts';
import { createQuestions } from './questions.ts';
import { createSpecState } from './spec-state.ts';

export function createSpecActivities(services: Services, tools: ToolBox) {
  return {
    ...createPhaseActivities(services, tools),
    ...createSpecState(services),
    ...createHoldRuns(services),
    ...createQuestions(services),
  };
}
