import { Context } from '@temporalio/activity';
import {
  clearOldResults,
  newEpoch,
  stateBlock,
  withoutImages,
  withoutThinking,
  type TranscriptRow,
} from '#workflows/domain/agent/compaction.ts';
import { userContent } from '#workflows/domain/agent/user-message.ts';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { factsOf } from '#workflows/domain/agent/models.ts';
import { contentTokens } from '../support/content-tokens.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import type { StoredMessage } from '#prisma/store/transcripts.ts';
import type { AnsweredRow } from '#prisma/store/turns.ts';
import { ModelError } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import { Conversation, type Conversations } from './conversation.ts';
import { foreignTools } from '../tools/support/foreign-tools.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { createSummarise, summaryKey } from './summarise.ts';
import { withImages } from './turn/compose.ts';

const tailTurns = 5;

const withoutOnly = { thinking: withoutThinking, images: withoutImages };

export interface CompactInput {
  organization_id: string;
  run_id: string;
  /** The epoch to end. An epoch that has ended already is not changed. */
  epoch: number;
  /** Only leaves out the thinking, or the images and the thinking that is bound to them. */
  only?: 'thinking' | 'images';
  /** The model that continues, and why. */
  to?: { provider: string; model: string; reason: string };
}

/** Rewrites a conversation that has grown too long into its next epoch: one stored step. */
export function createCompact(services: Services, tools: ToolBox, conversations: Conversations) {
  const { store, config } = services;
  const summarise = createSummarise(services);

  /** The list of tools of the next epoch, with the foreign tools as they are then. A runner of its own has no list here. */
  const renewedTools = async (run: Run): Promise<string> =>
    run.settings.runner
      ? run.tools
      : tools.renewed(run.tools, await foreignTools(services, { ...run, kind: run.kind as RunKind }));

  async function state(run: Run): Promise<string> {
    const constraints = await store.messages.constraints(run.id);
    const messages = await store.messages.list(run.organization_id, run.id);
    const commands = await store.toolCalls.commands(run, 100);
    const failed = commands.find((call) => call.exit_code !== null && call.exit_code !== 0);
    const good = commands
      .filter((call) => call.exit_code === 0 && call.tree_after === run.tree)
      .map((call) => call.tool_use_id);
    const files =
      run.head_sha !== run.base_sha
        ? await services.repositories.changedFiles(run.project_id, run.base_sha, run.head_sha)
        : [];
    // An undelivered message is sent with the next user message.
    const delivered = (message: { delivered_at_turn: number | null }) => message.delivered_at_turn !== null;
    return stateBlock({
      constraints: constraints.filter(delivered).map((message) => message.content),
      said: newestWithin(
        messages
          .filter((message) => delivered(message) && message.steer_kind !== 'constraint')
          .map((message) => message.content),
        20_000,
      ),
      todo: run.todo,
      criteria: run.terms.criteria.map((criterion) => ({ ...criterion, evidence: good.slice(0, 3) })),
      changed_files: files.slice(0, 100),
      last_failure: failed ? { command: cutStart(failed.input, 300), output: failed.result ?? '' } : null,
      turn: run.turn,
      max_turns: run.limits.max_turns,
      spent_usd: run.cost_micros / 1e6,
      max_usd: run.limits.max_usd,
    });
  }

  /** The summary of the conversation; where the provider refuses it, that of a shorter one without thinking. */
  async function summary(
    run: Run,
    material: { rows: StoredMessage[]; calls: AnsweredRow[] },
    shorter: TranscriptRow[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const known = await store.costs.answer(summaryKey(run));
    if (known) return (known.value as { summary: string }).summary;
    const numbered = shorter.map((row, i) => ({ ...row, seq: i + 1 }));
    for (const rows of [material.rows, numbered]) {
      const conversation = new Conversation(run.epoch, factsOf(run.model, config.model));
      conversation.add(rows);
      // The message of a turn whose call failed contains the results already.
      const calls = conversation.saidIn(run.turn + 1).length > 0 ? [] : await withImages(store, material.calls);
      const owed = userContent({ calls, opening: null, instructions: [], messages: [], notices: [] });
      try {
        return await summarise(run, conversation.messages, owed, signal);
      } catch (error) {
        if (!(error instanceof ModelError) || error.kind === 'aborted') throw error;
      }
    }
    return undefined;
  }

  return async function compact(input: CompactInput): Promise<{ epoch: number; tokens: number }> {
    const signal = Context.current().cancellationSignal;
    const { turn } = await store.runs.get(input.organization_id, input.run_id);
    const material = await store.turns.material({ ...input, turn: turn + 1 }, 0);
    const { run, rows } = material;
    const { to } = input;
    const model = factsOf(to?.model ?? run.model, config.model);
    const sizeOf = (json: string) => contentTokens(json, model);
    const tokens = (list: TranscriptRow[]) =>
      list.reduce((sum, row) => sum + sizeOf(row.content), estimateTokens(run.system_prompt.length + run.tools.length));
    if (run.epoch > input.epoch) return { epoch: run.epoch, tokens: tokens(rows) };

    const lighter = input.only ? undefined : clearOldResults(rows, config.context, sizeOf);
    let next = input.only ? withoutOnly[input.only](rows) : lighter?.rows;
    let how = input.only ? `${input.only}_dropped` : 'cleared';
    if (!next || (!input.only && tokens(next) > config.context.summarise_over_tokens)) {
      const facts = await state(run);
      const text = await summary(run, material, next ?? withoutThinking(rows), signal);
      how = text ? 'summarised' : 'state_only';
      next = text
        ? newEpoch(rows, `${facts}\n\n# Summary of your work so far\n${text}`, 0)
        : newEpoch(rows, facts, tailTurns);
    }
    await store.transcripts.startEpoch(
      run.organization_id,
      run.id,
      input.epoch,
      {
        rows: next,
        tools: await renewedTools(run),
        keeps_views: input.only !== undefined,
        ...(to ? { model: to } : {}),
      },
      {
        how: to ? 'model_switched' : how,
        tokens_before: tokens(rows),
        tokens_after: tokens(next),
        ...(to ? { ...to, from: `${run.provider}:${run.model}` } : {}),
      },
    );
    conversations.forget(run.id);
    return { epoch: input.epoch + 1, tokens: tokens(next) };
  };
}

/** The newest texts that fit, in their order. */
function newestWithin(texts: string[], characters: number): string[] {
  let left = characters;
  return texts.reduceRight<string[]>((kept, text) => ((left -= text.length) >= 0 ? [text, ...kept] : kept), []);
}
