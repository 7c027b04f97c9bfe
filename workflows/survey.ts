import { CancellationScope, continueAsNew } from '@temporalio/workflow';
import { workflowId } from './contracts/ids.ts';
import {
  awaitSurveySignal,
  cancelSurveyUpdate,
  surveyAgainUpdate,
  surveyedSignal,
  type SurveyInput,
} from './contracts/survey.ts';
import { records, surveyActivities, work } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { handleUpdate, inBackground, signalIfRunning, SignalHandlers } from './support/handlers.ts';
import { handlersFinished, historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/**
 * Finds how a project's repository is set up and checked, and tries it at the newest commit of its default branch. No
 * model takes part. Tasks of the project wait until set-up and the first check are known.
 */
export async function surveyWorkflow(input: SurveyInput): Promise<void> {
  const progress = new ProgressReport('survey');
  const signals = new SignalHandlers(input);
  const ref = { organization_id: input.organization_id, project_id: input.project_id };
  let scope = new CancellationScope();
  let again = false;
  let cancelled: string | undefined;
  let known = false;
  let waiting: string[] = [];

  const answer = (taskId: string) => signalIfRunning(workflowId.task(taskId), surveyedSignal, {});
  signals.handle(awaitSurveySignal, ({ task_id: taskId }) => {
    if (known) void inBackground(answer(taskId));
    else waiting.push(taskId);
  });
  handleUpdate(surveyAgainUpdate, {
    apply: () => {
      again = true;
      cancelled = undefined;
      scope.cancel();
      return { status: 'surveying' };
    },
  });
  handleUpdate(cancelSurveyUpdate, {
    apply: ({ reason, actor }) => {
      cancelled = `${reason ?? 'Cancelled'} (${actor ?? 'operator'})`;
      scope.cancel();
      return { status: 'cancelling' };
    },
  });
  signals.ignoreRest();

  /** Lets the tasks that wait for this survey start. */
  async function letTasksStart(): Promise<void> {
    known = true;
    const tasks = waiting;
    waiting = [];
    await Promise.all(tasks.map(answer));
  }

  async function tryAll(): Promise<void> {
    progress.set('running', 'reading the repository');
    const plan = await work.openSurvey(ref);
    const box = surveyActivities(plan.queue);
    const step = { ...ref, number: plan.number };
    let ended: { error: string | null } = { error: null };
    try {
      const roots = plan.roots.length;
      const ready: boolean[] = [];
      // All set-ups come first: what they leave is kept for tasks, and no check may have written to it.
      for (let root = 0; root < roots; root += 1) {
        progress.set('running', `root ${root + 1} of ${roots}: set-up`);
        ready.push((await box.surveySetup({ ...step, root })).set_up);
      }
      for (const [root, { checks }] of plan.roots.entries())
        for (let check = 0; ready[root] && check < checks; check += 1) {
          progress.set('running', `root ${root + 1} of ${roots}: check ${check + 1} of ${checks}`);
          await box.surveyCheck({ ...step, root, check });
          if (!known) {
            await records.surveyKnown(step);
            await letTasksStart();
          }
        }
    } catch (error) {
      ended = { error: wasCancelled(error) ? (cancelled ?? 'Another survey began.') : stepFailure(error) };
      if (wasCancelled(error)) throw error;
    } finally {
      await CancellationScope.nonCancellable(() => work.closeSurvey({ ...step, ...ended, again }));
    }
  }

  for (;;) {
    again = false;
    scope = new CancellationScope();
    try {
      await scope.run(tryAll);
    } catch (error) {
      if (!wasCancelled(error)) {
        await records.failSurvey({ ...ref, error: stepFailure(error) });
        progress.set('failed', stepFailure(error));
      } else if (!again && !cancelled) throw error;
    }
    if (signals.someIgnored) await signals.recordIgnored();
    if (!again || historyIsLong()) await letTasksStart();
    await handlersFinished();
    // A request that came meanwhile is not lost.
    if (!again) break;
    if (historyIsLong()) await continueAsNew<typeof surveyWorkflow>(input);
  }
  if (cancelled) progress.set('cancelled', cancelled);
  else if (progress.now.state === 'running') progress.set('completed', 'surveyed');
}
