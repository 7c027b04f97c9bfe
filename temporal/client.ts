import {
  Client,
  Connection,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { StartOptions, WorkflowsPort } from '#activities/ports/workflows.ts';
import type { Config } from '#activities/services/config.ts';
import type { BillingCycleInput, DunningInput } from '#workflows/contracts/billing.ts';
import { workflowId, taskQueues } from '#workflows/contracts/ids.ts';
import { lookSignal, type HeartbeatInput } from '#workflows/contracts/agents.ts';
import { noticedSignal, type NoticesInput } from '#workflows/contracts/notices.ts';
import { searchAttributes } from '#workflows/contracts/search-attributes.ts';
import { surveyAgainUpdate } from '#workflows/contracts/survey.ts';
import { nudgeSignal, type WatchdogInput } from '#workflows/contracts/watch.ts';
import { requestSignal } from '#workflows/contracts/work.ts';
import { sweepsPerBeat } from '#workflows/domain/agents/heartbeat.ts';
import { storableValue } from '#workflows/domain/text.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { translate } from './client-errors.ts';
import { clientOptions } from './connection.ts';
import { clientTrace } from './interceptors/client-trace.ts';
import { retryRequests, retryUpdates } from './interceptors/retry-updates.ts';
import { callSpans } from './interceptors/spans.ts';
import { loopsOf } from './loops.ts';
import { ensureSchedules, guardWatchdog } from './schedules.ts';
import { redactingConverter } from './data-converter.ts';
import { placed } from './placed.ts';
import { waitForEnd } from './wait-for-end.ts';

/** The port through which the rest of the system starts, signals and queries workflows. It connects on first use. */
export async function createTemporalWorkflows(
  config: Config,
  address: string,
  redact: (text: string) => string,
): Promise<WorkflowsPort> {
  const connection = Connection.lazy({ ...clientOptions(config, address), interceptors: [retryRequests()] });
  const client = new Client({
    connection,
    namespace: config.temporal.namespace,
    dataConverter: redactingConverter(redact),
    interceptors: { workflow: [...(await callSpans(config)), clientTrace, retryUpdates] },
  });
  const common = {
    taskQueue: taskQueues.main,
    workflowTaskTimeout: config.temporal.workflow_task_timeout * 1000,
  };

  const noticesInput = (organizationId: string): NoticesInput => ({
    organization_id: organizationId,
    gather_seconds: config.notifications.gather,
  });

  async function guarded<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw translate(error, id);
    }
  }

  async function start(
    type: string,
    id: string,
    input: object,
    pairs: Parameters<typeof placed>[0],
    { first_only: firstOnly = false }: StartOptions = {},
  ): Promise<'started' | 'already_running'> {
    const options: WorkflowStartOptions = {
      ...common,
      workflowId: id,
      args: [input],
      ...placed(pairs),
      ...(firstOnly ? { workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE } : {}),
    };
    return guarded(id, async () => {
      try {
        await client.workflow.start(type, options);
        return 'started';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already_running';
        throw error;
      }
    });
  }

  // Workflows ignore a signal whose text cannot be stored, and a caller of the platform must always reach them.
  const signal: WorkflowsPort['signal'] = (id, message, input) =>
    guarded(id, () => client.workflow.getHandle(id).signal(message, storableValue(input)));

  const { queue, monitoring } = config;
  const { active_per_project: limit, holder_check: holderCheck, ...weights } = queue;

  const startWatchdog = async () => {
    if (!monitoring.enabled) return;
    const id = workflowId.watchdog();
    await guarded(id, () =>
      client.workflow.signalWithStart('watchdogWorkflow', {
        ...common,
        workflowId: id,
        args: [{ interval_seconds: monitoring.watchdog_interval } satisfies WatchdogInput],
        signal: nudgeSignal,
        signalArgs: [{}],
      }),
    );
  };

  return {
    ping: () =>
      guarded(
        'temporal',
        async () =>
          void (await connection.withDeadline(Date.now() + 3000, () => connection.workflowService.getSystemInfo({}))),
      ),

    startSpec: (input, options) =>
      start(
        'specWorkflow',
        workflowId.spec(input.spec_id),
        input,
        { org: input.organization_id, project: input.project_id, spec: input.spec_id },
        options,
      ),
    startTicket: (input, options) =>
      start(
        'ticketWorkflow',
        workflowId.ticket(input.ticket_id),
        { ...input, base_branch: null },
        { org: input.organization_id, project: input.project_id, spec: input.spec_id, ticket: input.ticket_id },
        options,
      ),
    startApproval: (input) =>
      start(
        'approvalWorkflow',
        workflowId.approval(input.ticket_id),
        input,
        { org: input.organization_id, project: input.project_id, ticket: input.ticket_id },
        { first_only: true },
      ),
    startRun: (input, options) =>
      start(
        'agentWorkflow',
        workflowId.run(input.run_id),
        input,
        {
          org: input.organization_id,
          project: input.project_id,
          spec: input.spec_id,
          ticket: input.ticket_id,
          task: input.task_id,
        },
        options,
      ),

    startQuestion: (input) =>
      start(
        'questionWorkflow',
        workflowId.question(input.message_id, input.attempt),
        input,
        { org: input.organization_id, project: input.project_id },
        { first_only: true },
      ),

    startTitle: (input) =>
      start(
        'titleWorkflow',
        workflowId.title(input.request_id),
        input,
        { org: input.organization_id, project: input.project_id, task: input.task_id },
        { first_only: true },
      ),

    survey: async ({ organization_id, project_id }) => {
      const id = workflowId.survey(project_id);
      const input = { organization_id, project_id };
      const begin = () => start('surveyWorkflow', id, input, { org: organization_id, project: project_id });
      if ((await begin()) === 'started') return;
      try {
        await client.workflow.getHandle(id).executeUpdate(surveyAgainUpdate, { args: [{}] });
      } catch (error) {
        const refused = translate(error, id);
        if (!(refused instanceof AppError) || refused.code !== 'conflict') throw refused;
        // It ended meanwhile.
        await begin();
      }
    },

    startAlertDelivery: (id) =>
      start('alertDeliveryWorkflow', workflowId.alertDelivery(id), { delivery_id: id }, {}, { first_only: true }),
    callMcp: async (input, ...wait) => {
      const id = workflowId.mcpCall(input.invocation_id);
      await start('mcpCallWorkflow', id, input, { org: input.organization_id }, { first_only: true });
      return waitForEnd(client, id, ...wait);
    },
    startMail: (id) => start('mailWorkflow', workflowId.mail(id), { mail_id: id }, {}, { first_only: true }),

    tellOfNotices: (organizationId) => {
      const id = workflowId.notices(organizationId);
      return guarded(id, async () => {
        await client.workflow.signalWithStart('noticesWorkflow', {
          ...common,
          workflowId: id,
          args: [noticesInput(organizationId)],
          signal: noticedSignal,
          signalArgs: [{}],
          ...placed({ org: organizationId }),
        });
      });
    },

    watchAgents: async (organizationId, look) => {
      const id = workflowId.heartbeats(organizationId);
      const input: HeartbeatInput = {
        organization_id: organizationId,
        every_seconds: monitoring.heartbeat_interval / sweepsPerBeat,
      };
      await startWatchdog();
      if (!look) return void (await start('heartbeatWorkflow', id, input, { org: organizationId }));
      await guarded(id, async () => {
        await client.workflow.signalWithStart('heartbeatWorkflow', {
          ...common,
          workflowId: id,
          args: [input],
          signal: lookSignal,
          signalArgs: [{}],
          ...placed({ org: organizationId }),
        });
      });
    },

    startNotices: (organizationId) =>
      start('noticesWorkflow', workflowId.notices(organizationId), noticesInput(organizationId), {
        org: organizationId,
      }),

    startPreview: (input) =>
      start(
        'previewWorkflow',
        workflowId.preview(input.preview_id, input.attempt),
        input,
        { org: input.organization_id, project: input.project_id },
        { first_only: true },
      ),

    startMemory: (input) =>
      start(
        'memoryWorkflow',
        workflowId.memory(input.task_id, input.attempt),
        input,
        { org: input.organization_id, project: input.project_id, task: input.task_id },
        { first_only: true },
      ),

    startDiagnostic: (input) =>
      start(
        'diagnosticWorkflow',
        workflowId.diagnostic(input.diagnostic_id),
        input,
        { org: input.organization_id, project: input.project_id, ticket: input.ticket_id },
        { first_only: true },
      ),

    startBilling: (organizationId) => {
      const { invoice_interval: invoices, check_interval: checks } = config.billing;
      const input = {
        organization_id: organizationId,
        invoice_every: invoices === undefined ? undefined : invoices * 1000,
        check_every: checks === undefined ? undefined : checks * 1000,
      } satisfies BillingCycleInput;
      return start('billingCycleWorkflow', workflowId.billing(organizationId), input, { org: organizationId });
    },
    startDunning: ({ id, organization_id }) => {
      const {
        invoice_due: due,
        invoice_reminder: reminder,
        dunning_retry_hours: hours,
        suspend_after,
      } = config.billing;
      const input = {
        organization_id,
        invoice_id: id,
        waits: {
          reminder: Math.max(due - reminder, 0) * 1000,
          due: Math.min(due, reminder) * 1000,
          retries: hours.map((count) => count * 3_600_000),
          suspension: suspend_after * 1000,
        },
      } satisfies DunningInput;
      return start('dunningWorkflow', workflowId.dunning(id), input, { org: organization_id });
    },

    requestSlot: (project, entry) =>
      guarded(workflowId.projectQueue(project.project_id), async () => {
        await client.workflow.signalWithStart('projectQueueWorkflow', {
          ...common,
          workflowId: workflowId.projectQueue(project.project_id),
          args: [
            {
              organization_id: project.organization_id,
              project_id: project.project_id,
              limit,
              weights,
              holder_check_seconds: holderCheck,
            },
          ],
          signal: requestSignal,
          signalArgs: [entry],
          ...placed({ org: project.organization_id, project: project.project_id }),
        });
      }),

    signalRepository: (project, message, input) => {
      const id = workflowId.repository(project.project_id);
      return guarded(id, async () => {
        await client.workflow.signalWithStart('repositoryWorkflow', {
          ...common,
          workflowId: id,
          args: [project],
          signal: message,
          signalArgs: [storableValue(input)],
          ...placed({ org: project.organization_id, project: project.project_id }),
        });
      });
    },

    ensureSchedules: () =>
      guarded('schedules', () =>
        ensureSchedules(client, {
          retention_every: config.retention.every,
          backfill_every: config.embeddings.backfill_every,
          watchdog_check: monitoring.enabled ? monitoring.watchdog_check : null,
        }),
      ),

    ensureWatchers: async (project) => {
      if (!monitoring.enabled) return;
      const pairs = { org: project.organization_id, project: project.project_id };
      const shared = {
        organization_id: project.organization_id,
        project_id: project.project_id,
        idle_stop_seconds: monitoring.idle_stop,
      };
      // The signal comes with the start, so that a watcher that is about to end because the project is idle continues.
      const watch = (type: string, id: string, own: object) =>
        guarded(id, () =>
          client.workflow.signalWithStart(type, {
            ...common,
            workflowId: id,
            args: [{ ...shared, ...own }],
            signal: nudgeSignal,
            signalArgs: [{}],
            ...placed(pairs),
          }),
        );
      await Promise.all([
        watch('guardianWorkflow', workflowId.guardian(project.project_id), {
          interval_seconds: monitoring.guardian_interval,
          concurrency: monitoring.max_concurrent_analyses,
        }),
        watch('conductorWorkflow', workflowId.conductor(project.project_id), {
          interval_seconds: monitoring.conductor_interval,
        }),
        watch('healthWorkflow', workflowId.health(project.project_id), {
          interval_seconds: monitoring.health_interval,
        }),
      ]);
      await startWatchdog();
    },
    startWatchdog,
    guardWatchdog: (on) => guarded(workflowId.watchdog(), () => guardWatchdog(client, on)),
    ...loopsOf(client, guarded),

    signal,
    signalIfRunning: async (id, message, input) => {
      try {
        await signal(id, message, input);
        return true;
      } catch (error) {
        if (error instanceof AppError && error.code === 'conflict') return false;
        throw error;
      }
    },
    update: (id, message, input) =>
      guarded(id, async () =>
        message.answer.parse(await client.workflow.getHandle(id).executeUpdate(message, { args: [input] })),
      ),
    updateWithStart: (start, message, input) => {
      const id = workflowId.pullRequest(start.pull_request_id);
      return guarded(id, async () => {
        const answer = await client.workflow.executeUpdateWithStart(message, {
          startWorkflowOperation: new WithStartWorkflowOperation('pullRequestWorkflow', {
            ...common,
            workflowId: id,
            args: [start],
            workflowIdConflictPolicy: 'USE_EXISTING',
            ...placed({ org: start.organization_id, project: start.project_id }),
          }),
          args: [input],
        });
        return message.answer.parse(answer);
      });
    },
    query: (id, message) =>
      guarded(id, async () => message.answer.parse(await client.workflow.getHandle(id).query(message))),
    close: () => connection.close(),
  };
}

/** Registers the search attributes that the server lacks. */
export async function ensureSearchAttributes(config: Config, address: string): Promise<void> {
  const connection = await Connection.connect(clientOptions(config, address));
  try {
    const { namespace } = config.temporal;
    const known = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.values(searchAttributes).filter((key) => !known.customAttributes?.[key.name]);
    const keyword = 2; // temporal.api.enums.v1.IndexedValueType.KEYWORD
    if (missing.length > 0)
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((key) => [key.name, keyword])),
      });
  } finally {
    await connection.close();
  }
}
