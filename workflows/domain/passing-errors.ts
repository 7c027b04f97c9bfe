/**
 * The errors of a step that can pass by themselves: the type of the failure, and the seconds of waiting after which the
 * step ends all the same. Every other error ends its step at once: a person is asked, and a retry continues from there.
 */
export const passingErrors = {
  /** A service, the database or space on the disk is missing. Work waits through a night. */
  unavailable: 86_400,
  rate_limited: 86_400,
  sandbox_disk_full: 86_400,
  /** Other calls have reserved the rest of a budget. */
  budget_held: 86_400,
  /** The repository's server does not answer. */
  unreachable: 3600,
  network: 3600,
  /** A step took longer than its class allows. */
  timeout: 3600,
  /** The sandbox ended under a step. The step makes it again from the last checkpoint. */
  sandbox_lost: 600,
  /** The machine has no memory, file descriptors or processes left. */
  system: 600,
  /** Another process changed the same record or ref at the same time. */
  conflicting: 300,
  run_changes: 300,
  git_failed: 120,
  judge_unavailable: 600,
} as const;

/**
 * Steps that record an end, or that a person is needed. Where else would a failure of theirs be recorded? So each of
 * their errors counts as one that can pass: they are repeated until they succeed, and `progress` shows it.
 */
export const recordingSteps: ReadonlySet<string> = new Set([
  'markSpec',
  'endTicket',
  'endTask',
  'endRun',
  'failMail',
  'setPreview',
  'closeQuestion',
  'chargeInvoice',
  'suspendAccount',
  'readInvoice',
  'failAlertDelivery',
  'endMcpCall',
  'mailInvoice',
  'invoiceWork',
  'checkAccount',
  'needPerson',
  'personCame',
]);

export type PassingError = keyof typeof passingErrors;

export const isPassing = (type: string): type is PassingError => Object.hasOwn(passingErrors, type);

/** Type of the failure of a step whose worker is known to be dead. */
export const workerDiedType = 'worker_died';

/** Milliseconds before try `n` + 1 of a step, where the failure does not say it: 1 s doubling to 5 min. */
export const retryDelay = (n: number): number => Math.min(300_000, 1000 * 2 ** (n - 1));

/**
 * How often a step is given back to the server after its worker died; each time the server tries it on three workers.
 * A step that outlives so many deaths is what kills them.
 */
const maxWorkerDeaths = 5;

/** Whether a step is repeated after its worker died for the `deaths`-th time. */
export const outlivesWorker = (deaths: number): boolean => deaths < maxWorkerDeaths;
