import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Contract } from '#server/contracts/contract.ts';
import { errorBody } from '#server/contracts/contract.ts';
import * as accounts from '#server/contracts/accounts.ts';
import * as apiKeys from '#server/contracts/api-keys.ts';
import * as auth from '#server/contracts/auth.ts';
import * as boardPhases from '#server/contracts/board-phases.ts';
import * as board from '#server/contracts/board.ts';
import * as branchWorkflow from '#server/contracts/branch-workflow.ts';
import * as billing from '#server/contracts/billing.ts';
import * as alerts from '#server/contracts/alerts.ts';
import * as mcp from '#server/contracts/mcp.ts';
import * as budgets from '#server/contracts/budgets.ts';
import * as commits from '#server/contracts/commits.ts';
import * as coordination from '#server/contracts/coordination.ts';
import * as costs from '#server/contracts/costs.ts';
import * as credentials from '#server/contracts/credentials.ts';
import * as diagnostic from '#server/contracts/diagnostic.ts';
import * as discoveries from '#server/contracts/discoveries.ts';
import * as environment from '#server/contracts/environment.ts';
import * as events from '#server/contracts/events.ts';
import * as gateQueue from '#server/contracts/gate-queue.ts';
import * as gates from '#server/contracts/gates.ts';
import * as gateEdits from '#server/contracts/gate-edits.ts';
import * as githubConnection from '#server/contracts/github-connection.ts';
import * as githubProjects from '#server/contracts/github-projects.ts';
import * as githubRepositories from '#server/contracts/github-repositories.ts';
import * as guardian from '#server/contracts/guardian.ts';
import * as graph from '#server/contracts/graph.ts';
import * as invoices from '#server/contracts/invoices.ts';
import * as inbox from '#server/contracts/inbox.ts';
import * as invitations from '#server/contracts/invitations.ts';
import * as agents from '#server/contracts/agents.ts';
import * as collaboration from '#server/contracts/collaboration.ts';
import * as memory from '#server/contracts/memory.ts';
import * as playbook from '#server/contracts/playbook.ts';
import * as quality from '#server/contracts/quality.ts';
import * as reasoning from '#server/contracts/reasoning.ts';
import * as locks from '#server/contracts/locks.ts';
import * as mailedLinks from '#server/contracts/mailed-links.ts';
import * as mails from '#server/contracts/mails.ts';
import * as notifications from '#server/contracts/notifications.ts';
import * as onboarding from '#server/contracts/onboarding.ts';
import * as oauth from '#server/contracts/oauth.ts';
import * as organizations from '#server/contracts/organizations.ts';
import * as payments from '#server/contracts/payments.ts';
import * as promoCodes from '#server/contracts/promo-codes.ts';
import * as projects from '#server/contracts/projects.ts';
import * as pullRequests from '#server/contracts/pull-requests.ts';
import * as report from '#server/contracts/report.ts';
import * as requirements from '#server/contracts/requirements.ts';
import * as results from '#server/contracts/results.ts';
import * as reviews from '#server/contracts/reviews.ts';
import * as runs from '#server/contracts/runs.ts';
import * as explore from '#server/contracts/explore.ts';
import * as previews from '#server/contracts/previews.ts';
import * as sandboxEvents from '#server/contracts/sandbox-events.ts';
import * as sandboxes from '#server/contracts/sandboxes.ts';
import * as secondFactor from '#server/contracts/second-factor.ts';
import * as slack from '#server/contracts/slack.ts';
import * as specLife from '#server/contracts/spec-life.ts';
import * as specs from '#server/contracts/specs.ts';
import * as subscriptions from '#server/contracts/subscriptions.ts';
import * as tasks from '#server/contracts/tasks.ts';
import * as anomalies from '#server/contracts/anomalies.ts';
import * as approvals from '#server/contracts/approvals.ts';
import * as ticketComments from '#server/contracts/ticket-comments.ts';
import * as history from '#server/contracts/history.ts';
import * as ticketDependencies from '#server/contracts/ticket-dependencies.ts';
import * as ticketSearch from '#server/contracts/ticket-search.ts';
import * as ticketDuplicates from '#server/contracts/ticket-duplicates.ts';
import * as taskTimeouts from '#server/contracts/task-timeouts.ts';
import * as ticketLife from '#server/contracts/ticket-life.ts';
import * as tickets from '#server/contracts/tickets.ts';
import * as validation from '#server/contracts/validation.ts';
import * as watchdog from '#server/contracts/watchdog.ts';
import * as watching from '#server/contracts/watching.ts';

const modules: object[] = [
  accounts,
  apiKeys,
  auth,
  board,
  boardPhases,
  gateQueue,
  gates,
  billing,
  branchWorkflow,
  invoices,
  alerts,
  mcp,
  budgets,
  commits,
  coordination,
  costs,
  credentials,
  diagnostic,
  discoveries,
  environment,
  events,
  gateEdits,
  githubConnection,
  githubProjects,
  githubRepositories,
  graph,
  guardian,
  inbox,
  invitations,
  locks,
  memory,
  agents,
  collaboration,
  playbook,
  quality,
  reasoning,
  mailedLinks,
  mails,
  notifications,
  onboarding,
  oauth,
  organizations,
  payments,
  promoCodes,
  projects,
  pullRequests,
  report,
  requirements,
  results,
  reviews,
  runs,
  explore,
  previews,
  sandboxEvents,
  sandboxes,
  secondFactor,
  slack,
  specLife,
  specs,
  subscriptions,
  tasks,
  tickets,
  ticketLife,
  taskTimeouts,
  ticketComments,
  ticketDuplicates,
  ticketDependencies,
  ticketSearch,
  history,
  approvals,
  validation,
  anomalies,
  watchdog,
  watching,
];

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'response' in value;

/** Sorts fixed segments before parameters, in the order in which Express gets the routes. */
const contracts = modules
  .flatMap((module) => Object.values(module).filter(isContract))
  .map((contract) => ({
    contract,
    parameters: contract.path.split('{').length,
    pattern: new RegExp(`^/api/v1${contract.path.replace(/\{path\}$/, '.+').replace(/\{\w+\}/g, '[^/]+')}$`),
  }))
  .sort((a, b) => a.parameters - b.parameters);

/** The contracts of all calls. */
export const allContracts: readonly Contract[] = contracts.map(({ contract }) => contract);

/** Finds the contract of a call by its path. A run also has paths as an agent and as a sandbox. */
function contractOf(method: string, path: string): Contract | undefined {
  const plain = path.split('?')[0] ?? '';
  const known = (address: string) =>
    contracts.find(({ contract, pattern }) => contract.method === method.toLowerCase() && pattern.test(address));
  return (known(plain) ?? known(plain.replace(/^\/api\/v1\/(agents|sandboxes)\//, '/api/v1/runs/')))?.contract;
}

/** An answer that violates its contract. */
export class ContractMismatch extends Error {}

/** @throws ContractMismatch when the answer has a wrong value or a field that its contract does not declare. */
export function checkAnswer(contract: Contract, answer: unknown): unknown {
  const call = `${contract.method.toUpperCase()} ${contract.path}`;
  const parsed = contract.response.safeParse(answer);
  if (!parsed.success)
    throw new ContractMismatch(`The answer of ${call} does not fit its contract:\n${z.prettifyError(parsed.error)}`);
  if (!isDeepStrictEqual(parsed.data, answer))
    throw new ContractMismatch(
      `The answer of ${call} has fields that its contract does not declare:\n${JSON.stringify(answer).slice(0, 2000)}`,
    );
  return parsed.data;
}

/** Checks the answer of a call by its path: a success by its contract, an error by the schema of error bodies. */
export function checkByAddress(method: string, path: string, status: number, body: unknown): void {
  if (!path.startsWith('/api/v1/')) return;
  if (status >= 400) {
    const parsed = z.strictObject(errorBody.shape).safeParse(body);
    if (!parsed.success)
      throw new ContractMismatch(
        `${method} ${path} answered ${status} without the body of errors: ${JSON.stringify(body)}`,
      );
    return;
  }
  const contract = contractOf(method, path);
  if (!contract) throw new ContractMismatch(`${method} ${path} answered ${status} and has no contract.`);
  if (status !== (contract.alternative?.when(body) ? contract.alternative.status : contract.status))
    throw new ContractMismatch(`${method} ${path} answered ${status}, not ${contract.status}.`);
  if (status !== 204) checkAnswer(contract, body);
}
