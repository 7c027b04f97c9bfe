import { CancellationScope } from '@temporalio/workflow';
import { records } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { ProgressReport } from './support/progress.ts';

interface MailInput {
  mail_id: string;
}

/** Sends one mail. While the mail server does not take it, the workflow tries again, for a day. */
export async function mailWorkflow(input: MailInput): Promise<void> {
  const progress = new ProgressReport('sending');
  progress.set('running', 'sending');
  try {
    await records.sendMail(input);
    progress.set('completed', 'sent');
  } catch (error) {
    const reason = wasCancelled(error) ? 'The mail was cancelled.' : stepFailure(error);
    await CancellationScope.nonCancellable(() => records.failMail({ ...input, error: reason }));
    progress.set('failed', reason);
  }
}
