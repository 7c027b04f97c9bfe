import { z } from 'zod';
import { completionGaps, type RanCommand } from '#workflows/domain/agent/completion.ts';
import { evidenceSchema, readEvidence } from './support/evidence.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { defineTool } from './support/define-tool.ts';
import { filterRefusal } from './support/stored-by-filter.ts';
import type { PlatformContext } from './support/tool.ts';
import { refused } from './support/tool-failure.ts';

const schema = z.strictObject({
  summary: z.string().min(1).max(20_000),
  evidence: evidenceSchema,
});

export const completeTask = defineTool({
  name: 'complete_task',
  sessions: ['task', 'merge'],
  effect: 'record',
  description:
    "Claim that the work is done. summary: what you changed and why, for the reviewer. evidence: a list of {criterion_id, command, tool_use_id, exit_code, excerpt}, one for each criterion, naming a bash call of yours that ran after your last change and exited with 0. The platform compares it with what really ran and answers with everything that is missing; then it runs the project's check in a clean checkout.",
  schema,
  async run({ summary, evidence }, { record, services }: PlatformContext) {
    const { store, sandbox, repositories } = services;
    const items = readEvidence(evidence);
    const calls = await store.toolCalls.commands(record.id);
    const commands: RanCommand[] = calls.map((call) => ({
      tool_use_id: call.tool_use_id,
      command: commandOf(call.input),
      exit_code: call.exit_code,
      output: call.result ?? '',
      tree_before: call.tree_before,
      tree_after: call.tree_after,
    }));
    const tree = await sandbox.treeHash(record.sandbox_id);
    const baseTree = await repositories.treeOf(record.project_id, record.base_sha);
    const { patch } = await repositories.diff(record.project_id, record.base_sha, tree, {
      maxBytes: 2_000_000,
    });
    const refusedChanges = await sandbox.refusedChanges(record.sandbox_id);
    const gaps = [
      ...refusedChanges.map(({ path, filter }) => ({ message: filterRefusal(oneLine(path), oneLine(filter)) })),
      ...completionGaps({ ...record.terms, evidence: items, commands, tree, base_tree: baseTree, patch }),
    ];
    if (gaps.length > 0) {
      const prose =
        items === undefined
          ? '\nEvidence given as prose proves nothing: give the tool_use_id of the command that shows it.'
          : '';
      return refused(`Not accepted. What is missing:\n${gaps.map((gap) => `- ${gap.message}`).join('\n')}${prose}`);
    }
    await store.runs.setOutcome(record.organization_id, record.id, { summary, evidence: items ?? [], tree });
    return {
      text: "The evidence is valid. The platform runs the project's check in a clean checkout now.",
      outcome: { kind: 'claimed' },
    };
  },
});

function commandOf(input: string): string {
  try {
    return String((JSON.parse(input) as { command?: unknown }).command ?? '');
  } catch {
    return '';
  }
}
