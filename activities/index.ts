import { createAgentActivities } from './agent/index.ts';
import { createBillingActivities } from './billing/index.ts';
import { createDiagnosticActivities } from './diagnostic/index.ts';
import { createDiscoveryActivities } from './ticket/discoveries.ts';
import { createAlertActivities } from './alerts/index.ts';
import { createMailActivities } from './mail/index.ts';
import { createMcpActivities } from './mcp/index.ts';
import { createMemoryActivities } from './memory/index.ts';
import { createNoticesActivities } from './notices/index.ts';
import { createMergeActivities } from './merge/index.ts';
import type { DiskGuard, Services } from './ports/services.ts';
import { createPreviewActivities } from './preview/index.ts';
import { createRepositoryActivities } from './repository/index.ts';
import { createSpecActivities } from './spec/index.ts';
import { toFailure } from './support/failures.ts';
import { withHeartbeat } from './support/heartbeat.ts';
import { createExplorationActivities } from './run/exploration.ts';
import { createQuestionActivities } from './run/question.ts';
import { createEmbeddingActivities } from './platform/embed-rows.ts';
import { createRetentionActivities } from './platform/trim-tables.ts';
import { createSurveyActivities } from './survey/index.ts';
import { createTaskActivities } from './task/index.ts';
import { createTicketActivities } from './ticket/index.ts';
import { createReviewActivities } from './ticket/review.ts';
import { agentTools } from './tools/index.ts';
import { createToolBox } from './tools/support/tool-box.ts';
import { createWatchActivities } from './watch/index.ts';

type Functions = Record<string, (input: never) => Promise<unknown>>;

/**
 * Gives each activity a heartbeat, and turns its errors into failures that the retry rules understand.
 * @param begin activities that start work which needs disk space: without it they are retried later.
 */
function supervised<T extends Functions>(
  activities: T,
  everyMs: number,
  begin: readonly (keyof T)[],
  disk: DiskGuard,
): T {
  return Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [
      name,
      async (input: never) => {
        try {
          if (begin.includes(name)) disk.requireSpace();
          return await withHeartbeat(everyMs, () => run(input));
        } catch (error) {
          throw toFailure(error);
        }
      },
    ]),
    // Each function is replaced by one of the same type, which Object.fromEntries cannot express.
  ) as unknown as T;
}

/** All activities, by the names they are registered under. Registered names are never renamed. */
export function createActivities(services: Services) {
  const tools = createToolBox(services, agentTools);
  return supervised(
    {
      ...createAgentActivities(services, tools),
      ...createTaskActivities(services, tools),
      ...createSpecActivities(services, tools),
      ...createTicketActivities(services),
      ...createMergeActivities(services, tools),
      ...createExplorationActivities(services, tools),
      ...createQuestionActivities(services, tools),
      ...createDiscoveryActivities(services),
      ...createReviewActivities(services),
      ...createWatchActivities(services),
      ...createRepositoryActivities(services),
      ...createPreviewActivities(services),
      ...createRetentionActivities(services),
      ...createEmbeddingActivities(services),
      ...createDiagnosticActivities(services),
      ...createSurveyActivities(services),
      ...createMailActivities(services),
      ...createAlertActivities(services),
      ...createMcpActivities(services),
      ...createMemoryActivities(services),
      ...createNoticesActivities(services),
      ...createBillingActivities(services),
    },
    services.config.temporal.heartbeat * 1000,
    [
      'openSpec',
      'preparePhase',
      'openTicket',
      'analyseTask',
      'prepareTask',
      'prepareQuestion',
      'prepareValidation',
      'prepareResolution',
      'prepareExploration',
      'openRun',
      'settleIteration',
      'verifyMerge',
      'openPullRequest',
      'surveySetup',
      'surveyCheck',
    ],
    services.disk,
  );
}

export type Activities = ReturnType<typeof createActivities>;
