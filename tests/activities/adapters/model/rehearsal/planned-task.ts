import { ownScenarios } from '#activities/adapters/model/rehearsal/server.ts';
import { loadScenarios } from '#activities/adapters/model/rehearsal/load-scenario.ts';
import type { RunContext } from '#workflows/domain/agent/context-block.ts';
import { parseSubmission } from '#workflows/domain/phases/submission.ts';

const [scenario] = loadScenarios(ownScenarios);

/** The plan's tasks as the scenario submits them. */
function plan() {
  const session = scenario?.sessions.find(({ match }) => match.phase?.includes('tasks'));
  const inputs =
    session?.steps.flatMap((step) =>
      step.turns.flatMap((turn) => turn.do.filter((call) => call.tool === 'submit_tasks').map((call) => call.input)),
    ) ?? [];
  const submission = parseSubmission(
    'tasks',
    inputs.reduce((all, { partial: _, ...input }) => ({ ...all, ...input }), {}),
  );
  if ('problems' in submission) throw new Error(JSON.stringify(submission.problems));
  return submission.ok;
}

/** The fields of the context of a task of the plan. */
export function plannedTask(ref: string): Pick<RunContext, 'task_ref' | 'title' | 'criteria'> {
  const task = plan().tasks.find(({ id }) => id === ref);
  if (!task) throw new Error(`There is no ${ref}.`);
  return { task_ref: ref, title: task.title, criteria: task.acceptance_criteria };
}
