import { Context } from '@temporalio/activity';
import { analysisOfType, analysisSchema, withinRole } from '#workflows/domain/tasks/analysis.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import type { TaskAnalysis } from '#prisma/store/json.ts';
import { scopeOfTask } from '#workflows/domain/billing/scopes.ts';
import type { Services } from '../ports/services.ts';
import { askForValue } from '../support/ask-for-value.ts';
import { cutStart } from '#workflows/domain/text.ts';

/**
 * EXEC-10: decides what a task needs. The task types of an approved plan are trusted. For a task that a person wrote,
 * a model decides; when it cannot answer, the type decides, and the result says so.
 */
export function createAnalyseTask(services: Services) {
  const { store } = services;
  return async function analyseTask(input: { organization_id: string; task_id: string }): Promise<TaskAnalysis> {
    const signal = Context.current().cancellationSignal;
    const task = await store.tasks.get(input.organization_id, input.task_id);
    if (task.analysis) return task.analysis;
    const fallback = analysisOfType(task.task_type);
    const planned = task.local_id !== null || task.discovery_id !== null;
    const answer = planned ? null : await ask(services, task, signal);
    const analysis = withinRole(task.phase_id, answer?.available ? answer.value : fallback);
    const kept = {
      ...analysis,
      source: answer === null ? 'plan' : answer.available ? 'model' : `fallback: ${answer.reason}`,
    };
    await store.tasks.patch(task.organization_id, task.id, { analysis: kept });
    return kept;
  };
}

function ask(services: Services, task: Awaited<ReturnType<Services['store']['tasks']['get']>>, signal: AbortSignal) {
  return askForValue(
    services,
    {
      key: `analysis:${task.id}`,
      subject: task.id,
      context: { kind: 'analysis', ticket_id: task.ticket_id, task_id: task.id, title: task.title },
      model: services.config.model.small_name,
      system:
        'You decide what kind of work a task of a software project is. exploration: only reads and answers. implementation: changes code and proves it. validation: runs and judges, changes nothing.',
      prompt: asData('task', `type: ${task.task_type}\n${task.title}\n${cutStart(task.description, 2000)}`),
      tool: { name: 'give_analysis', description: 'What the task needs.' },
      schema: analysisSchema,
      scope: scopeOfTask(task),
    },
    signal,
  );
}
