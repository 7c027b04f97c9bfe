import { Context } from '@temporalio/activity';
import { cancelUpdate, recheckSignal } from '#workflows/contracts/work.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { DiagnosticInput } from '#workflows/contracts/diagnostic.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import { scopeOfTask } from '#workflows/domain/billing/scopes.ts';
import {
  diagnosisSchema,
  diagnosisWithoutModel,
  recoveryOf,
  refusedDiagnosis,
  whyNoRecovery,
} from '#workflows/domain/diagnosis.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { took } from '../ports/act-on-ticket.ts';
import { diagnosticsOf } from '../ports/start-diagnosis.ts';
import type { Services } from '../ports/services.ts';
import { askForValue } from '../support/ask-for-value.ts';
import { commandDigest } from '../support/command-digest.ts';

/** Steps of `diagnosticWorkflow`. */
export function createDiagnosticActivities(services: Services) {
  const { store, config, workflows } = services;

  const commandsOf = async (organizationId: string, runId: string | null) =>
    runId ? commandDigest(services, await store.runs.get(organizationId, runId)) : '';

  return {
    /** Begins the diagnosis, unless the guards against runaways hold it back. */
    openDiagnostic: async (input: DiagnosticInput): Promise<{ refused: string | null }> => {
      const { diagnostic_id: id, by, ...of } = input;
      const run = await store.diagnostics.open({ ...of, id, triggered_by: by }, (history) =>
        refusedDiagnosis(history, config.diagnostic, by ? 'person' : 'platform'),
      );
      return { refused: run.status === 'skipped' ? run.reason : null };
    },

    /** Asks a model for the cause, and stores what it says. Where none answers, that is stored. */
    diagnoseTicket: async (input: DiagnosticInput): Promise<{ cause: string }> => {
      const known = await store.diagnostics.get(input.organization_id, input.diagnostic_id);
      if (known.diagnosis) return { cause: known.diagnosis.cause };
      const { ticket, tasks, analyses, results } = await store.diagnostics.facts(
        input.organization_id,
        input.ticket_id,
      );
      const failed = tasks.find(({ id }) => id === input.task_id) ?? null;
      const about = failed ?? tasks[0];
      const listed = tasks
        .map(
          (task) =>
            `${task.key} ${task.task_type} ${task.status}: ${task.title}${task.error_message ? `\n  ${cutStart(task.error_message, 600)}` : ''}`,
        )
        .join('\n');
      const seen = analyses
        .map((one) => `coherence ${one.coherence_score}, ${one.system_status}, agents ${one.active_agents}`)
        .join('\n');
      const sections = [
        `# The goal\n${asData('ticket', `${ticket.title}\n${ticket.description}`)}`,
        failed
          ? `# The task that failed\n${asData('task', `${failed.key} ${failed.title}\n${failed.description}`)}`
          : '',
        failed?.error_message ? `# How it ended\n${asData('error', failed.error_message)}` : '',
        failed
          ? `# Its last commands\n${asData('commands', await commandsOf(input.organization_id, failed.run_id))}`
          : '',
        `# The newest tasks of the ticket\n${asData('tasks', listed)}`,
        seen ? `# All agents of the project, newest first\n${asData('analyses', seen)}` : '',
        results.length > 0
          ? `# Results\n${asData('results', results.map(({ status, summary }) => `${status}: ${summary}`).join('\n'))}`
          : '',
      ];
      const answer = about
        ? await askForValue(
            services,
            {
              key: `diagnostic:${input.diagnostic_id}`,
              subject: input.diagnostic_id,
              context: {
                kind: 'diagnostic',
                spec_id: about.spec_id,
                ticket_id: ticket.id,
                task_id: about.id,
                attempt: about.attempt,
                title: about.title,
                mode: 'diagnostic',
              },
              model: config.model.name,
              system:
                'Work on a ticket has stopped. Find out why. Give hypotheses with how likely each is, what supports it and what speaks against it; quote what shows it. Name the one cause: spec (what is asked for is wrong, missing or contradicts itself), code, flaky (it would pass another time), environment, money, limit, rights, or model. Recommend what to do, the most useful first, each so that an agent could do it without asking. "Try again" is no recommendation. You change nothing.',
              prompt: sections.filter(Boolean).join('\n\n'),
              tool: { name: 'explain_standstill', description: 'Cause, hypotheses and recommendations.' },
              schema: diagnosisSchema,
              scope: scopeOfTask(about),
            },
            Context.current().cancellationSignal,
          )
        : { available: false as const, reason: 'The ticket has no task.' };
      const diagnosis = answer.available
        ? answer.value
        : diagnosisWithoutModel(answer.reason, failed && { key: failed.key, error: failed.error_message });
      await store.diagnostics.conclude(input.diagnostic_id, diagnosis);
      return { cause: diagnosis.cause };
    },

    /** Begins the work that the diagnosis recommends in place of the task that failed, where more work can help. */
    recoverTicket: async (input: DiagnosticInput): Promise<{ said: string }> => {
      const { organization_id, diagnostic_id: id } = input;
      const { diagnosis, status, reason } = await store.diagnostics.get(organization_id, id);
      if (status !== 'running' && reason) return { said: reason };
      if (!diagnosis) return { said: (await store.diagnostics.end(id, 'failed', 'No cause was stored.')).reason ?? '' };
      const task = input.task_id ? await store.tasks.get(organization_id, input.task_id) : null;
      const { auto, fixes } = await diagnosticsOf(services, organization_id, input.project_id);
      const none = whyNoRecovery(diagnosis, {
        auto: auto && !fixes,
        failed: task !== null && task.status !== 'completed',
      });
      if (none || !task) {
        await store.diagnostics.end(id, 'completed', none ?? 'No task has failed.');
        return { said: none ?? '' };
      }
      const work = recoveryOf(diagnosis);
      const description = [
        work.text,
        `Why: ${diagnosis.root_cause}`,
        `It takes the place of ${task.key}, which failed: ${task.title}\n${task.description}`,
      ].join('\n\n');
      const recovery = await store.diagnostics.recover(
        organization_id,
        id,
        {
          organization_id,
          source_task_id: task.id,
          source_call: `diagnostic:${id}`,
          type: 'diagnostic_no_result',
          title: cutStart(`Recover: ${work.text.split('\n')[0] ?? ''}`, 200),
          description,
          priority: work.priority,
          phase: work.phase,
          blocking: false,
          metadata: { diagnostic_id: id },
          embedded: await services.embeddings.embedOne(work.text, task),
        },
        { caps: config.discovery, similarity: config.discovery.diagnostic_similarity },
      );
      // The workflow of the task that failed waits for a person until then.
      if (recovery.task)
        await took(services, workflowId.task(task.id), cancelUpdate, {
          reason: `${recovery.task.key} takes its place.`,
          actor: 'platform',
        });
      for (const ticket of recovery.tickets)
        await workflows.signalIfRunning(workflowId.ticket(ticket), recheckSignal, {});
      return { said: recovery.task ? `${recovery.task.key} has begun` : (recovery.run.reason ?? 'nothing was begun') };
    },
  };
}
