import type { Services } from '../ports/services.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { createAnalyseTask } from './analyse-task.ts';
import { createFinishTask } from './finish-task.ts';
import { createPrepareTask } from './prepare-task.ts';
import { createSlots } from './slot.ts';
import { createTitles } from './title-task.ts';
import { createValidation } from './validation.ts';

/** Activities of a task, from its slot to its accepted work. */
export function createTaskActivities(services: Services, tools: ToolBox) {
  return {
    analyseTask: createAnalyseTask(services),
    prepareTask: createPrepareTask(services, tools),
    ...createFinishTask(services),
    ...createValidation(services, tools),
    ...createSlots(services),
    ...createTitles(services),
  };
}
