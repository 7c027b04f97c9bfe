/** Workflow ids are business keys: a second start of the same work finds the first workflow. */
export const workflowId = {
  spec: (specId: string) => `spec:${specId}`,
  specPhase: (specId: string, phase: string) => `spec:${specId}:${phase}`,
  projectQueue: (projectId: string) => `project:${projectId}:queue`,
  guardian: (projectId: string) => `project:${projectId}:guardian`,
  conductor: (projectId: string) => `project:${projectId}:conductor`,
  health: (projectId: string) => `project:${projectId}:health`,
  survey: (projectId: string) => `survey:${projectId}`,
  repository: (projectId: string) => `repository:${projectId}`,
  ticket: (ticketId: string) => `ticket:${ticketId}`,
  approval: (ticketId: string) => `approval:${ticketId}`,
  task: (taskId: string) => `task:${taskId}`,
  run: (runId: string) => `run:${runId}`,
  memory: (taskId: string, attempt: number) => `memory:${taskId}:${attempt}`,
  diagnostic: (id: string) => `diagnostic:${id}`,
  discovery: (discoveryId: string) => `discovery:${discoveryId}`,
  merge: (subjectId: string, n: number) => `merge:${subjectId}:${n}`,
  /** Each run of its schedule has the time of the run appended. */
  retention: () => 'platform:retention',
  /** Watches the loops of all projects. Its schedule has the same id, and its runs the time of the run appended. */
  watchdog: () => 'platform:watchdog',
  /** Looks for tables with texts that lack a vector; each of them has a workflow of its own. */
  reembedding: () => 'platform:reembed',
  reembed: (table: string) => `reembed:${table}`,
  billing: (organizationId: string) => `billing:${organizationId}`,
  dunning: (invoiceId: string) => `dunning:${invoiceId}`,
  mail: (mailId: string) => `mail:${mailId}`,
  mcpCall: (invocationId: string) => `mcp:${invocationId}`,
  alertDelivery: (deliveryId: string) => `alert:${deliveryId}`,
  heartbeats: (organizationId: string) => `heartbeats:${organizationId}`,
  notices: (organizationId: string) => `notices:${organizationId}`,
  /** One for each start of the preview. */
  preview: (previewId: string, attempt: number) => `preview:${previewId}:${attempt}`,
  /** One for each attempt to answer the question. */
  question: (messageId: string, attempt: number) => `question:${messageId}:${attempt}`,
  /** One for each request of a person for another title of a task. */
  title: (requestId: string) => `title:${requestId}`,
  pullRequest: (pullRequestId: string) => `pr:${pullRequestId}`,
} as const;

/** Temporal task queues, by the kind of work. */
export const taskQueues = {
  /** Workflows and short activities. */
  main: 'omoios',
  /** Model calls: a separate queue, so that the rate limit of a provider can be set on it. */
  model: 'omoios-model',
  /** Stretches of agents' turns. Those of sandboxes of one machine use `agentQueue(sandboxQueue(host))`. */
  agents: 'omoios-agents',
  /** Sandboxes that any machine can reach. Those of one machine use `sandboxQueue(host)`. */
  sandbox: 'omoios-sandbox',
} as const;

/**
 * Seconds after which an activity without a heartbeat is given to another worker. Part of the workflow code, not a
 * setting: all workers of a deployment must agree on it.
 */
export const heartbeatTimeoutSeconds = 5;

/** The task queue of the sandboxes of a machine; undefined means sandboxes that any machine can reach. */
export const sandboxQueue = (host: string | undefined) => (host ? `${taskQueues.sandbox}:${host}` : taskQueues.sandbox);

/** The task queue of the agents whose sandboxes have that task queue. */
export const agentQueue = (sandboxes: string) => sandboxes.replace(taskQueues.sandbox, taskQueues.agents);

/** The task queue of a machine's surveys. Its worker tries one command at a time, so that surveys take little room. */
export const surveyQueue = (host: string | undefined) => `${sandboxQueue(host)}:survey`;
