import type { PreparedRun } from '#workflows/contracts/work.ts';
import { sandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { asData, asOrder, oneLine } from '#workflows/domain/agent/untrusted.ts';
import { scopeOf } from '#workflows/domain/billing/scopes.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Services } from '../ports/services.ts';
import { explorationId, readExplorationInput } from '../tools/explore.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { createRun } from './create-run.ts';
import { runLimits } from './limits.ts';

export interface ExplorationRef {
  organization_id: string;
  /** The run that asks. */
  run_id: string;
  turn: number;
  position: number;
}

/** The runs that answer questions of other runs. */
export function createExplorationActivities(services: Services, tools: ToolBox) {
  const { store, config } = services;

  return {
    /** Creates the run that answers a call of `explore`. It reads the files of the run that asks. */
    prepareExploration: async (input: ExplorationRef): Promise<PreparedRun> => {
      const [caller, call] = await Promise.all([
        store.runs.get(input.organization_id, input.run_id),
        store.toolCalls.get(input),
      ]);
      const { question, paths } = readExplorationInput(call.input);
      const { settings } = await store.projects.get(caller.organization_id, caller.project_id);
      const id = explorationId(caller.id, call);
      const title = cutStart(oneLine(question), 120);
      return createRun(services, tools, {
        id,
        kind: 'explore',
        mode: 'exploration',
        attempt: 1,
        title,
        goal: question,
        subject: scopeOf(caller),
        context: {
          spec_id: caller.spec_id,
          phase: caller.phase,
          attempt: 1,
          ticket_id: caller.ticket_id,
          task_id: caller.task_id,
          title,
        },
        changes_expected: false,
        opening: {
          goal: asOrder('request', question),
          code_sha: caller.head_sha ?? caller.start_sha,
          instructions_sha: caller.settings.instructions_sha ?? caller.base_sha,
          sections:
            paths.length > 0
              ? [{ title: 'Begin with', text: paths.map((path) => `- ${oneLine(path)}`).join('\n') }]
              : [],
        },
        sandbox_id: sandboxId(id, id),
        branch: `explore/${id.slice(0, 8)}`,
        base_sha: caller.base_sha,
        start_sha: caller.start_sha,
        head_sha: caller.head_sha ?? undefined,
        limits: runLimits(config, 'explore', settings),
        caller_run_id: caller.id,
      });
    },

    /** Answers a call of `explore` with what its run has found, or with the reason why it found nothing. */
    takeExploration: async (input: ExplorationRef & { exploration_id: string }): Promise<void> => {
      const [caller, call, { outcome, error_message: error, ...run }] = await Promise.all([
        store.runs.get(input.organization_id, input.run_id),
        store.toolCalls.get(input),
        store.runs.get(input.organization_id, input.exploration_id),
      ]);
      const answer = run.status === 'completed' ? outcome?.summary : undefined;
      const result = answer
        ? { text: asData('answer of the exploration', answer) }
        : {
            text: `The exploration ended without an answer: ${error ?? 'it was stopped.'} Ask a narrower question, or look yourself with search_files and read_file.`,
            is_error: true,
            error_kind: 'failed',
          };
      const duration = Date.now() - run.created_at.getTime();
      await store.toolCalls.finish(caller, [
        { call, result: { ...result, text: services.redact(result.text), duration_ms: duration } },
      ]);
    },
  };
}
