import { condition } from '@temporalio/workflow';
import { decideUpdate, type ApprovalInput } from './contracts/approval.ts';
import { records } from './support/activities.ts';
import { handleUpdate, refuse, SignalHandlers } from './support/handlers.ts';
import { handlersFinished } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/** A ticket that waits for its approval: a person decides, or the time is over. Nothing of it runs before (PLAN-27). */
export async function approvalWorkflow(input: ApprovalInput): Promise<{ status: string }> {
  const { organization_id, ticket_id } = input;
  const progress = new ProgressReport('waiting for approval');
  const signals = new SignalHandlers(input);
  let decided: string | undefined;
  const decide = async (decision: 'approved' | 'rejected' | 'timed_out', by: string, reason?: string) => {
    const { status } = await records.decideTicket({ organization_id, ticket_id, decision, by, reason });
    decided = status;
    return { status };
  };
  handleUpdate(decideUpdate, {
    check: () => {
      if (decided) throw refuse(`The ticket is ${decided} already.`);
    },
    apply: ({ approved, actor = 'operator', reason }) => decide(approved ? 'approved' : 'rejected', actor, reason),
  });
  signals.ignoreRest();
  progress.set('waiting', 'a person approves or rejects the ticket', { for: 'person', until: input.deadline_at });
  const left = Date.parse(input.deadline_at) - Date.now();
  const inTime = left > 0 && (await condition(() => decided !== undefined, left));
  if (!inTime && decided === undefined) await decide('timed_out', 'platform');
  await handlersFinished();
  progress.set('completed', decided ?? 'decided');
  return { status: decided ?? 'decided' };
}
