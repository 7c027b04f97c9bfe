import * as contracts from '../contracts/specs.ts';
import { route } from '../http/define-route.ts';
import { approvePhase } from '../usecases/approve-phase.ts';
import { launchSpec } from '../usecases/launch-spec.ts';
import { specTraceability } from '../usecases/traceability.ts';
import * as usecases from '../usecases/specs.ts';
import { answerQuestions, specQuestions } from '../usecases/questions.ts';
import { retrySpec } from '../usecases/retry.ts';
import { syncSpec } from '../usecases/sync.ts';

export const specRoutes = [
  route(contracts.launchSpec, ({ body }, call) => launchSpec(call, body)),
  route(contracts.listSpecs, ({ query }, call) => usecases.listSpecs(call, query)),
  route(contracts.getSpec, ({ params }, call) => usecases.getSpec(call, params.id)),
  route(contracts.executeSpec, ({ params }, call) => usecases.executeSpec(call, params.id)),
  route(contracts.phaseData, ({ params, query }, call) => usecases.phaseData(call, params.id, query)),
  route(contracts.specEvents, ({ params, query }, call) => usecases.specEvents(call, params.id, query)),
  route(contracts.specVersions, ({ params, query }, call) => usecases.specVersions(call, params.id, query)),
  route(contracts.specTraceability, ({ params }, call) => specTraceability(call, params.id)),
  route(contracts.specCoverage, ({ params }, call) => usecases.specCoverage(call, params.id)),
  route(contracts.specExport, async ({ params, query }, call, { res }) => {
    const content = await usecases.specExport(call, params.id, query.format);
    if (typeof content !== 'string') return content;
    res.type('text/markdown').send(content);
    return undefined;
  }),
  route(contracts.specQuestions, ({ params }, call) => specQuestions(call, params.id)),
  route(contracts.answerQuestions, ({ params, body }, call) => answerQuestions(call, params.id, body)),
  route(contracts.approvePhase, ({ params, body }, call) => approvePhase(call, params.id, params.phase, body.reason)),
  route(contracts.requestPhaseChanges, ({ params, body }, call) =>
    usecases.requestPhaseChanges(call, params.id, params.phase, body.feedback),
  ),
  route(contracts.regeneratePhase, ({ params, body }, call) =>
    usecases.regeneratePhase(call, params.id, params.phase, body.feedback),
  ),
  route(contracts.pauseSpec, ({ params, body }, call) => usecases.pauseSpec(call, params.id, body.reason)),
  route(contracts.resumeSpec, ({ params, body }, call) => usecases.resumeSpec(call, params.id, body.reason)),
  route(contracts.cancelSpec, ({ params, body }, call) => usecases.cancelSpec(call, params.id, body.reason)),
  route(contracts.retrySpec, ({ params, body }, call) => retrySpec(call, params.id, body.feedback)),
  route(contracts.syncSpec, ({ params }, call) => syncSpec(call, params.id)),
];
