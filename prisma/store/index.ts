import { workPhase } from '#workflows/domain/tasks/states.ts';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import type { Database } from '../client.ts';
import { createStoreCore, type StoreCoreOptions } from './core.ts';
import { alertsStore } from './alerts.ts';
import { agentsStore } from './agents.ts';
import { agentSweepStore } from './agent-sweep.ts';
import { anomaliesStore } from './anomalies.ts';
import { agentWorkStore } from './agent-work.ts';
import { collaborationStore } from './collaboration.ts';
import { billingCycleStore } from './billing-cycle.ts';
import { billingStore } from './billing.ts';
import { invoicesStore } from './invoices.ts';
import { subscriptionsStore } from './subscriptions.ts';
import { paymentsStore } from './payments.ts';
import { promoCodesStore } from './promo-codes.ts';
import { branchesStore } from './branches.ts';
import { budgetsStore } from './budgets.ts';
import { commitsStore } from './commits.ts';
import { costsStore } from './costs.ts';
import { connectedRepositoriesStore } from './connected-repositories.ts';
import { credentialsStore } from './credentials.ts';
import { discoveriesStore } from './discoveries.ts';
import { eventsStore } from './events.ts';
import { exploreStore } from './explore.ts';
import { graphStore } from './graph.ts';
import { identityStore } from './identity.ts';
import { modelKeysStore } from './model-keys.ts';
import { modelPausesStore } from './model-pauses.ts';
import { modelPermitsStore } from './model-permits.ts';
import { messagesStore } from './messages.ts';
import { importedPlan } from './imported-plan.ts';
import { inboxStore } from './inbox.ts';
import { invitationsStore } from './invitations.ts';
import { issuesStore } from './issues.ts';
import { locksStore } from './locks.ts';
import { mailsStore } from './mails.ts';
import { mcpStore } from './mcp.ts';
import { mcpCallsStore } from './mcp-calls.ts';
import { memoriesStore } from './memories.ts';
import { diagnosticsStore } from './diagnostics.ts';
import { embeddingStore } from './embedding.ts';
import { memorySearch } from './memory-search.ts';
import { measuresStore } from './measures.ts';
import { mergesStore } from './merges.ts';
import { noticesStore } from './notices.ts';
import { previewsStore } from './previews.ts';
import { programTurnsStore } from './program-turns.ts';
import { projectStatsStore } from './project-stats.ts';
import { projectsStore } from './projects.ts';
import { qualityStore } from './quality.ts';
import { pullRequestsStore } from './pull-requests.ts';
import { patternsStore } from './patterns.ts';
import { phaseAttemptsStore } from './phase-attempts.ts';
import { playbookStore } from './playbook.ts';
import { rateLimitsStore } from './rate-limits.ts';
import { reasoningStore } from './reasoning.ts';
import { retentionStore } from './retention.ts';
import { resultsStore } from './results.ts';
import { runLimitsStore } from './run-limits.ts';
import { runReportStore } from './run-report.ts';
import { runsStore } from './runs.ts';
import { sandboxEventsStore } from './sandbox-events.ts';
import { sandboxKeysStore } from './sandbox-keys.ts';
import { sandboxesStore } from './sandboxes.ts';
import { sandboxWorkStore } from './sandbox-work.ts';
import { isUuid, scopesStore, type ScopeTable, type WorkTable } from './scopes.ts';
import { sealedStore } from './sealed.ts';
import { fileOwnersStore } from './file-owners.ts';
import { chosenTasks } from './chosen-tasks.ts';
import { fixLoop } from './fix-loop.ts';
import { gatewayCallsStore } from './gateway-calls.ts';
import { heldBackStore } from './held-back.ts';
import { sessionEntriesStore } from './session-entries.ts';
import { slackPeople } from './slack-people.ts';
import { slotsStore } from './slots.ts';
import { specLifeStore } from './spec-life.ts';
import { specsStore } from './specs.ts';
import { surveysStore } from './surveys.ts';
import { hostOrdersStore } from './host-orders.ts';
import { viewedFilesStore } from './viewed-files.ts';
import { syncStore } from './sync.ts';
import { taskContextOf } from './task-context.ts';
import { taskTimes } from './task-times.ts';
import { taskTitles } from './task-titles.ts';
import { tasksStore } from './tasks.ts';
import { ticketApprovals } from './ticket-approvals.ts';
import { gateQueueStore } from './gate-queue.ts';
import { gatesStore } from './gates.ts';
import { guardianActionsStore } from './guardian-actions.ts';
import { boardPhasesStore } from './board-phases.ts';
import { ticketBlocking } from './ticket-blocking.ts';
import { ticketComments } from './ticket-comments.ts';
import { ticketDependencies } from './ticket-dependencies.ts';
import { ticketDuplicates } from './ticket-duplicates.ts';
import { ticketSearch } from './ticket-search.ts';
import { ticketEnds } from './ticket-end.ts';
import { ticketMoves } from './ticket-moves.ts';
import { ticketsStore } from './tickets.ts';
import { toolCallsStore } from './tool-calls.ts';
import { transcriptsStore } from './transcripts.ts';
import { turnsStore } from './turns.ts';
import { watchdogStore } from './watchdog.ts';
import { watchingStore } from './watching.ts';

export interface StoreOptions extends StoreCoreOptions {
  alert_threshold: number;
  critical_threshold: number;
  billing: BillingRules;
}

const select = { organization_id: true, project_id: true } as const;

/** The records that a REST contract may name by id. Its organization is the scope of the call. */
export const scopeTable = {
  organization: async (db, where) => {
    const organization = await db.organization.findUnique({ where, select: { id: true } });
    return organization && { organization_id: organization.id };
  },
  project: async (db, where) => {
    const project = await db.project.findUnique({ where, select: { organization_id: true } });
    return project && { ...project, project_id: where.id };
  },
  spec: (db, where) => db.spec.findUnique({ where, select }),
  ticket: (db, where) => db.ticket.findUnique({ where, select }),
  task: (db, where) => db.task.findUnique({ where, select }),
  run: (db, where) => db.run.findUnique({ where, select }),
  /** A registered agent, or a run under its older name. */
  agent: async (db, where) =>
    (await db.agent.findUnique({ where, select })) ?? (await db.run.findUnique({ where, select })),
  alert: (db, where) => db.alert.findUnique({ where, select }),
  alert_endpoint: (db, where) => db.alertEndpoint.findUnique({ where, select: { organization_id: true } }),
  thread: (db, where) => db.collaborationThread.findUnique({ where, select: { organization_id: true } }),
  agent_message: (db, where) => db.agentMessage.findUnique({ where, select: { organization_id: true } }),
  /** By the name of the sandbox or the id of its run. */
  sandbox: (db, where) =>
    isUuid(where.id) ? db.run.findUnique({ where, select }) : db.sandbox.findUnique({ where, select }),
  pull_request: (db, where) => db.pullRequest.findUnique({ where, select }),
  preview: (db, where) => db.previewSession.findUnique({ where, select }),
  result: (db, where) => db.workResult.findUnique({ where, select }),
  diagnostic: (db, where) => db.diagnosticRun.findUnique({ where, select }),
  discovery: (db, where) => db.discovery.findUnique({ where, select }),
  memory: (db, where) => db.taskMemory.findUnique({ where, select }),
  playbook_entry: (db, where) => db.playbookEntry.findUnique({ where, select }),
  playbook_change: (db, where) => db.playbookChange.findUnique({ where, select }),
  reasoning_event: (db, where) => db.reasoningEvent.findUnique({ where, select }),
  pattern: (db, where) => db.learnedPattern.findUnique({ where, select }),
  anomaly: (db, where) => db.monitorAnomaly.findUnique({ where, select }),
  guardian_action: (db, where) => db.guardianAction.findUnique({ where, select }),
  invoice: (db, where) => db.invoice.findUnique({ where, select: { organization_id: true } }),
} satisfies ScopeTable;

const workColumns = { project_id: true, spec_id: true, ticket_id: true, task_id: true, phase: true } as const;

const taskWork: WorkTable[string] = async (db, where) => {
  const task = await db.task.findUnique({
    where,
    select: { project_id: true, spec_id: true, ticket_id: true, phase_id: true },
  });
  return task && { ...task, task_id: where.id, phase: task.phase_id };
};

const workTable = {
  spec: async (db, where) => {
    const spec = await db.spec.findUnique({ where, select: { project_id: true } });
    return spec && { ...spec, spec_id: where.id };
  },
  ticket: async (db, where) => {
    const ticket = await db.ticket.findUnique({ where, select: { project_id: true, spec_id: true } });
    return ticket && { ...ticket, ticket_id: where.id, phase: workPhase };
  },
  task: taskWork,
  run: (db, where) => db.run.findUnique({ where, select: workColumns }),
  agent: (db, where) => db.run.findUnique({ where, select: workColumns }),
  pull_request: (db, where) =>
    db.pullRequest.findUnique({ where, select: { project_id: true, spec_id: true, ticket_id: true } }),
  /** Only a cancellation that is taken back begins work. */
  guardian_action: async (db, where) => {
    const action = await db.guardianAction.findUnique({ where, select: { kind: true, task_id: true } });
    return action?.kind === 'cancel_task' && action.task_id ? taskWork(db, { id: action.task_id }) : null;
  },
} satisfies WorkTable;

/** The records, with one file for each aggregate. Only the store reads and writes rows. */
export function createStore(db: Database, options: StoreOptions) {
  const core = createStoreCore(db, options);
  const thresholds = { alert: options.alert_threshold, critical: options.critical_threshold };
  const [specs, tickets, tasks, discoveries] = [
    {
      ...specsStore(core, thresholds, options.billing),
      ...phaseAttemptsStore(core),
      ...specLifeStore(core),
      ...importedPlan(core),
    },
    {
      ...ticketsStore(core, thresholds, options.billing),
      ...ticketMoves(core),
      ...ticketBlocking(core),
      ...ticketComments(core),
      ...ticketDuplicates(core),
      ...ticketDependencies(core),
      ...ticketSearch(core),
      ...ticketApprovals(core, options.billing),
      ...ticketEnds(core),
      ...issuesStore(core),
    },
    { ...tasksStore(core), ...taskTimes(core), ...taskTitles(core), ...fixLoop(core), ...chosenTasks(core) },
    discoveriesStore(core),
  ];
  const boardPhases = boardPhasesStore(core);
  const gates = gatesStore(core, boardPhases);
  return {
    identity: identityStore(core, options.billing),
    billing: { ...billingStore(core, options.billing), ...billingCycleStore(core) },
    subscriptions: subscriptionsStore(core, options.billing),
    invoices: invoicesStore(core),
    payments: paymentsStore(core),
    promoCodes: promoCodesStore(core),
    graph: graphStore(core),
    projects: projectsStore(core),
    projectStats: projectStatsStore(core),
    surveys: surveysStore(core),
    hostOrders: hostOrdersStore(core),
    viewedFiles: viewedFilesStore(core),
    notices: { ...noticesStore(core), ...slackPeople(core) },
    alerts: alertsStore(core),
    mcp: mcpStore(core),
    mcpCalls: mcpCallsStore(core),
    inbox: inboxStore(core),
    specs,
    sync: syncStore(core),
    tickets,
    tasks: {
      ...tasks,
      ...fileOwnersStore(core),
      context: taskContextOf({ specs, tickets, tasks, discoveries, gates }),
    },
    runs: { ...runsStore(core), ...runReportStore(core), ...runLimitsStore(core) },
    sandboxes: {
      ...sandboxesStore(core),
      ...sandboxKeysStore(core),
      ...sandboxEventsStore(core),
      ...sandboxWorkStore(core),
    },
    agents: { ...agentsStore(core), ...agentWorkStore(core), ...agentSweepStore(core) },
    collaboration: collaborationStore(core),
    previews: previewsStore(core),
    transcripts: transcriptsStore(core),
    turns: turnsStore(core, thresholds),
    modelKeys: modelKeysStore(core),
    gatewayCalls: gatewayCallsStore(core, thresholds),
    programTurns: { ...programTurnsStore(core, thresholds), ...sessionEntriesStore(core) },
    modelPauses: modelPausesStore(core),
    modelPermits: modelPermitsStore(core),
    toolCalls: toolCallsStore(core),
    messages: messagesStore(core),
    discoveries,
    memories: { ...memoriesStore(core), ...memorySearch(core) },
    embedding: embeddingStore(core),
    diagnostics: diagnosticsStore(core),
    playbook: playbookStore(core),
    patterns: patternsStore(core),
    quality: qualityStore(core),
    reasoning: reasoningStore(core),
    anomalies: anomaliesStore(core),
    watching: watchingStore(core),
    watchdog: watchdogStore(core),
    guardianActions: guardianActionsStore(core),
    branches: branchesStore(core),
    results: resultsStore(core),
    boardPhases,
    gates: { ...gates, ...gateQueueStore(core) },
    locks: locksStore(core),
    commits: commitsStore(core),
    costs: costsStore(core, thresholds),
    credentials: credentialsStore(core),
    connectedRepositories: connectedRepositoriesStore(core),
    budgets: budgetsStore(core, thresholds),
    pullRequests: pullRequestsStore(core),
    merges: mergesStore(core),
    mails: mailsStore(core),
    invitations: invitationsStore(core),
    rateLimits: rateLimitsStore(core),
    events: eventsStore(core),
    explore: exploreStore(core),
    scopes: scopesStore(core, scopeTable, workTable),
    sealed: sealedStore(core),
    slots: { ...slotsStore(core, options.billing), ...heldBackStore(core) },
    retention: retentionStore(core),
    ...measuresStore(core),
    ping: async () => void (await core.read((prisma) => prisma.$queryRaw`SELECT 1`)),
    close: () => db.close(),
  };
}

export type Store = ReturnType<typeof createStore>;
