import type { RaisedLimits } from '#workflows/domain/agent/limits.ts';
import type { RunEnd } from '#workflows/domain/agent/run.ts';
import type { IncomingMessage } from '#workflows/domain/agent/inbox.ts';
import type { RunState, WaitingFor } from '#workflows/contracts/progress.ts';
import type { Services } from '../ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { dropChecksOfRun } from '../project/check-sandbox.ts';
import { projectCommands } from '../project/project-commands.ts';
import type { Conversations } from './conversation.ts';
import { keepCheckpoint } from './checkpoint.ts';
import { ensureSandbox, inSandbox, type Ensured } from './sandbox.ts';
import { setUpSandbox } from './set-up-sandbox.ts';

interface RunRef {
  organization_id: string;
  run_id: string;
}

/** Starts a run, releases its sandbox during long waits, and ends it. */
export function createSession(services: Services, conversations: Conversations) {
  const { store, sandbox, repositories, log } = services;

  return {
    /**
     * Creates or finds the sandbox and sets up the project in it. From then on the run has the status running.
     * `spec_paused`: the spec that the run works for is paused. A phase gets that from its own workflow.
     * `setup_failed`: the set-up command that failed.
     */
    openRun: async (input: RunRef): Promise<{ sandbox: Ensured; spec_paused?: true; setup_failed?: string }> => {
      const run = await store.runs.get(input.organization_id, input.run_id);
      const firstTree = async () => {
        if (!run.tree)
          await store.runs.setFirstTree(
            run.organization_id,
            run.id,
            await repositories.treeOf(run.project_id, run.head_sha),
          );
      };
      const [how, commands] = await Promise.all([
        ensureSandbox(services, run),
        projectCommands(services, run.organization_id, run.project_id, run.base_sha),
        firstTree(),
      ]);
      const failed = await setUpSandbox(services, run, commands);
      await store.runs.mark(run.organization_id, run.id, { status: 'running' });
      // Read last: a pause that comes later finds the running run and pauses it.
      const paused =
        run.kind !== 'phase' &&
        run.spec_id !== null &&
        (await store.specs.get(run.organization_id, run.spec_id)).status === 'paused';
      return {
        sandbox: how,
        ...(paused ? { spec_paused: true } : {}),
        ...(failed ? { setup_failed: failed } : {}),
      };
    },

    markRun: (
      input: RunRef & {
        status: RunState;
        waiting_for: WaitingFor | null;
        reason: string | null;
        next_wake_at: string | null;
      },
    ) =>
      store.runs.mark(input.organization_id, input.run_id, {
        status: input.status,
        waiting_for: input.waiting_for,
        waiting_reason: input.reason,
        next_wake_at: input.next_wake_at,
      }),

    /** Asks the stretch under way to return at its next boundary. */
    callBack: async (input: RunRef & { stretch: number }): Promise<void> => {
      await store.runs.callBack(input.organization_id, input.run_id, input.stretch);
    },

    /** Stores limits that a person has raised. */
    storeLimits: (input: RunRef & { raised: RaisedLimits; actor: string }) =>
      store.runs.raiseLimits(input.organization_id, input.run_id, input.raised, input.actor),

    /** Destroys the sandbox during a long wait; its files are in the newest checkpoint. */
    releaseSandbox: async (input: RunRef & { reason: string; turn: number }) => {
      const run = await store.runs.get(input.organization_id, input.run_id);
      const id = run.sandbox_id;
      if (run.mode === 'implementation' || run.mode === 'merge') {
        if ((await sandbox.status(id)) !== 'absent')
          await inSandbox(services, run, () => keepCheckpoint(services, run, input.turn));
      }
      await sandbox.destroy(id, run.project_id);
      await store.sandboxes.end(input.organization_id, id, { status: 'terminated', reason: input.reason });
    },

    /** Stores the messages that came by signal. A run that has ended refuses them. */
    storeMessages: async (input: RunRef & { messages: IncomingMessage[] }) => {
      for (const said of input.messages) {
        const message = {
          ...said,
          organization_id: input.organization_id,
          run_id: input.run_id,
        };
        try {
          await store.messages.accept(message);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
          await store.messages.refuse(message, 'The run had ended.');
        }
      }
    },

    inbox: (input: RunRef) =>
      store.messages.undelivered(input.run_id).then((rows) => rows.map(({ id, kind, rank }) => ({ id, kind, rank }))),

    recordIgnoredSignals: async (input: {
      organization_id: string;
      project_id: string | null;
      workflow_id: string;
      signals: { name: string; reason: string }[];
    }) => {
      for (const { name, reason } of input.signals)
        await store.messages.recordIgnoredSignal({ ...input, signal: name, reason });
    },

    /**
     * Ends the run and destroys its sandbox, unless a message to the run is still undelivered.
     * @returns message the reason for a person, with what the platform said last to a refused completion.
     */
    endRun: async (
      input: RunRef & { status: RunEnd; reason: string; message: string; turn: number; by?: string },
    ): Promise<{ ended: boolean; message?: string }> => {
      const refusal = input.reason === 'completion_refused' ? await store.toolCalls.lastRefusal(input.run_id) : null;
      const message = refusal ? `${input.message} The last time: ${cutStart(refusal, 1000)}` : input.message;
      const result = await store.runs.end(input.organization_id, input.run_id, { ...input, message });
      if (!result.ended) return { ended: false };
      const run = await store.runs.get(input.organization_id, input.run_id);
      const id = run.sandbox_id;
      if (
        input.status !== 'completed' &&
        (run.mode === 'implementation' || run.mode === 'merge') &&
        (await sandbox.status(id)) !== 'absent'
      ) {
        // The next attempt, or a fork, starts with the files of a failed run.
        // A stretch that failed has not said how far it came.
        const turn = Math.max(input.turn, run.turn);
        await inSandbox(services, run, () => keepCheckpoint(services, run, turn)).catch((error: unknown) =>
          log.warn({ run_id: run.id, error: String(error) }, 'the last checkpoint could not be kept'),
        );
      }
      await sandbox.destroy(id, run.project_id);
      await store.sandboxes.end(input.organization_id, id, {
        status: input.status === 'completed' ? 'completed' : input.status === 'failed' ? 'failed' : 'terminated',
        reason: input.reason,
      });
      await dropChecksOfRun(services, run);
      conversations.forget(run.id);
      return { ended: true, message };
    },
  };
}
