import { CancellationScope } from '@temporalio/workflow';
import { records } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { ProgressReport } from './support/progress.ts';

interface AlertDeliveryInput {
  delivery_id: string;
}

/** Sends one message of an alert to an endpoint. While that takes nothing, the workflow tries again, for a day. */
export async function alertDeliveryWorkflow(input: AlertDeliveryInput): Promise<void> {
  const progress = new ProgressReport('sending');
  progress.set('running', 'sending');
  try {
    await records.deliverAlert(input);
    progress.set('completed', 'sent');
  } catch (error) {
    const reason = wasCancelled(error) ? 'It was cancelled.' : stepFailure(error);
    await CancellationScope.nonCancellable(() => records.failAlertDelivery({ ...input, error: reason }));
    progress.set('failed', reason);
  }
}
