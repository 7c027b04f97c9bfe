import type { Services } from '#activities/ports/services.ts';
import { startFork } from './fork-run.ts';
import { previewInput } from '#activities/ports/open-preview.ts';
import { questionInput } from './explore.ts';
import { specInput } from './launch-spec.ts';

/** Older work is not started: Temporal may have deleted its ended workflow and would start a second one. */
const lookBackMs = 12 * 3_600_000;

/**
 * Starts accepted specs, tickets, forks, questions, mails, previews, calls of foreign tools and invoices that have no workflow: the process crashed between storing and starting them.
 * Safe to repeat, and safe beside other servers that do the same.
 */
export async function startAccepted(services: Services): Promise<void> {
  const { store, workflows, log } = services;
  const since = new Date(Date.now() - lookBackMs);
  const startOnce = async (field: string, id: string, start: () => Promise<'started' | 'already_running'>) => {
    if ((await start()) === 'started')
      log.warn({ [field]: id }, 'started work that a crashed process had accepted but not started');
  };
  for (const spec of await store.specs.notStarted(since)) {
    await startOnce('spec_id', spec.id, () => workflows.startSpec(specInput(spec), { first_only: true }));
  }
  for (const { id, organization_id, project_id } of await store.tickets.notStarted(since)) {
    await startOnce('ticket_id', id, () =>
      workflows.startTicket({ ticket_id: id, organization_id, project_id, spec_id: null }, { first_only: true }),
    );
  }
  for (const ticket of await store.tickets.awaitingApproval(since)) {
    const { id, organization_id, project_id, approval_deadline_at: deadline } = ticket;
    const deadline_at = (deadline ?? new Date()).toISOString();
    await startOnce('ticket_id', id, () =>
      workflows.startApproval({ ticket_id: id, organization_id, project_id, deadline_at }),
    );
  }
  for (const { id } of await store.mails.notStarted(since))
    await startOnce('mail_id', id, () => workflows.startMail(id));
  for (const id of await store.alerts.organizationsWaiting(new Date(Date.now() - 60_000)))
    await startOnce('organization_id', id, () => workflows.startNotices(id));
  for (const id of await store.notices.organizationsWaiting(new Date(Date.now() - 60_000)))
    await startOnce('organization_id', id, () => workflows.startNotices(id));
  for (const { id, organization_id } of await store.mcpCalls.notStarted(since, new Date(Date.now() - 60_000)))
    await workflows.callMcp({ organization_id, invocation_id: id }, 0);
  for (const question of await store.explore.notStarted(since))
    await startOnce('message_id', question.id, () => workflows.startQuestion(questionInput(question)));
  for (const preview of await store.previews.notStarted(since))
    await startOnce('preview_id', preview.id, () => workflows.startPreview(previewInput(services.config, preview)));
  for (const invoice of await store.invoices.unpaid({ created_after: since }))
    await startOnce('invoice_id', invoice.id, () => workflows.startDunning(invoice));
  for (const { organization_id } of await store.billing.unwatched()) await workflows.startBilling(organization_id);
  for (const fork of await store.runs.forksNotStarted(since))
    await startOnce('run_id', fork.id, () => startFork(services, fork, { first_only: true }));
}
