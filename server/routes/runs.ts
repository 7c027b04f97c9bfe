import type { z } from 'zod';
import { byId, sandboxName, type Contract, type idParams } from '../contracts/contract.ts';
import * as completions from '../contracts/validation.ts';
import * as previews from '../contracts/previews.ts';
import * as contracts from '../contracts/runs.ts';
import { phaseStatus as phaseStatusContract, runTranscript as runTranscriptContract } from '../contracts/sandboxes.ts';
import { reportEvent as reportEventContract } from '../contracts/sandbox-events.ts';
import * as program from '../contracts/program.ts';
import { route, type Route } from '../http/define-route.ts';
import { modelGatewayRoute } from './model-gateway.ts';
import { adoptRun } from '../usecases/adopt-run.ts';
import { completeTask } from '../usecases/complete-task.ts';
import { compareRuns } from '../usecases/compare-runs.ts';
import { forkRun } from '../usecases/fork-run.ts';
import { appendSession, pendingMessages, readSession } from '../usecases/program.ts';
import { notifyPreview } from '../usecases/previews.ts';
import { raiseRunLimits } from '../usecases/raise-limits.ts';
import { reportEvent } from '../usecases/sandbox-events.ts';
import { runOfAgent } from '../usecases/agents.ts';
import * as usecases from '../usecases/runs.ts';
import { validationResult } from '../usecases/validation.ts';
import { phaseStatus, runTranscript } from '../usecases/sandboxes.ts';

const own = [
  route(contracts.getRun, ({ params }, call) => usecases.getRun(call, params.id)),
  route(contracts.runTurns, ({ params, query }, call) => usecases.runTurns(call, params.id, query)),
  route(contracts.runDiff, ({ params, query }, call) => usecases.runDiff(call, params.id, query)),
  route(contracts.runEvents, ({ params, query }, call) => usecases.runEvents(call, params.id, query)),
  route(previews.notifyPreviewOfRun, ({ params, body }, call) => notifyPreview(call, params.id, body)),
  route(reportEventContract, ({ params, body }, call) => reportEvent(call, params.id, body)),
  route(contracts.runTrajectory, ({ params, query }, call) => usecases.runTrajectory(call, params.id, query)),
  route(contracts.runMessages, ({ params, query }, call) => usecases.runMessages(call, params.id, query)),
  route(contracts.sendMessage, ({ params, body }, call) => usecases.sendMessage(call, params.id, body)),
  route(contracts.steerRun, ({ params, body }, call) => usecases.steerRun(call, params.id, body)),
  route(contracts.liftConstraint, ({ params }, call) => usecases.liftConstraint(call, params.id, params.message_id)),
  route(contracts.interruptRun, ({ params, body }, call) => usecases.interruptRun(call, params.id, body)),
  route(contracts.pauseRun, ({ params, body }, call) => usecases.pauseRun(call, params.id, body)),
  route(contracts.resumeRun, ({ params, body }, call) => usecases.resumeRun(call, params.id, body)),
  route(contracts.raiseRunLimits, ({ params, body }, call) => raiseRunLimits(call, params.id, body)),
  route(contracts.stopRun, ({ params, body }, call) => usecases.stopRun(call, params.id, body)),
  route(contracts.forkRun, ({ params, body }, call) => forkRun(call, params.id, body)),
  route(contracts.compareRuns, ({ params, query }, call) => compareRuns(call, params.id, query.with)),
  route(contracts.adoptRun, ({ params }, call) => adoptRun(call, params.id)),
  route(contracts.runSandbox, ({ params }, call) => usecases.runSandbox(call, params.id)),
  route(contracts.runTask, ({ params }, call) => usecases.runTask(call, params.id)),
  route(contracts.runProgress, ({ params }, call) => usecases.runProgress(call, params.id)),
  route(runTranscriptContract, ({ params, query }, call) => runTranscript(call, params.id, query)),
  route(completions.completeTask, ({ params, body }, call) => completeTask(call, params.id, body)),
  route(completions.validationResult, ({ params, body }, call) => validationResult(call, params.id, body)),
  modelGatewayRoute,
  route(program.pendingMessages, ({ params }, call) => pendingMessages(call, params.id)),
  route(program.readSession, ({ params, query }, call) => readSession(call, params.id, query)),
  route(program.appendSession, ({ params, body }, call) => appendSession(call, params.id, body)),
  route(phaseStatusContract, ({ params }, call) => phaseStatus(call, params.id)),
];

const renamed = (contract: Contract, name: string): Contract => ({
  ...contract,
  path: contract.path.replace(/^\/runs\//, `/${name}/`),
  summary: `${contract.summary} (as /runs)`,
});

/**
 * A run is also served under its older paths, which call it an agent or a sandbox. The id of a registered agent stands
 * for its newest run, but for the agent itself.
 */
const agents = own
  .filter(({ contract }) => contract !== contracts.getRun)
  .map(({ contract, handle }): Route => ({
    contract: { ...renamed(contract, 'agents'), scope: byId('agent') },
    handle: async (input, call, http) => {
      const params = input.params as z.output<typeof idParams>;
      const id = await runOfAgent(call, params.id);
      return handle({ ...input, params: { ...params, id } }, call, http);
    },
  }));

/** A sandbox's own name may stand for the id of the run that it was made for. */
const sandboxes = own.map(({ contract, handle }): Route => ({
  contract: {
    ...renamed(contract, 'sandboxes'),
    scope: byId('sandbox'),
    params: (contract.params as typeof idParams).extend({ id: sandboxName }),
  },
  handle: async (input, call, http) => {
    const params = input.params as z.output<typeof idParams>;
    const id = await call.services.store.sandboxes.runNamed(params.id);
    return handle({ ...input, params: { ...params, id } }, call, http);
  },
}));

export const runRoutes = [
  route(contracts.listRuns, ({ query }, call) => usecases.listRuns(call, query)),
  route(contracts.listQuestions, ({ query }, call) => usecases.listQuestions(call, query)),
  ...own,
  ...agents,
  ...sandboxes,
];
