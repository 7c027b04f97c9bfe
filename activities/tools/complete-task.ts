import { z } from 'zod';
import { completionGaps } from '#workflows/domain/agent/completion.ts';
import { leftovers } from '#workflows/domain/agent/leftovers.ts';
import { asRanCommand, evidenceSchema, readEvidence, recordedEvidence } from './support/evidence.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { defineTool } from './support/define-tool.ts';
import { filterRefusal } from './support/stored-by-filter.ts';
import type { PlatformContext } from './support/tool.ts';
import { refused } from './support/tool-failure.ts';

const schema = z.strictObject({
  summary: z.string().min(1).max(20_000),
  evidence: evidenceSchema,
  removed_tests: z.string().max(5000).optional().meta({
    description:
      'Only where tests were removed: which, and why the task makes them superfluous. The reviewer judges it.',
  }),
});

export const completeTask = defineTool({
  name: 'complete_task',
  sessions: ['task', 'merge'],
  effect: 'record',
  description:
    "Claim that the work is done. summary: what you changed and why, for the reviewer. evidence: for each criterion a bash call of yours that ran after your last change and exited with 0, by its command as you ran it or, where that is long, by its id. The platform compares it with its record of what ran and names everything that is missing; then it runs the project's check in a clean checkout, and only that counts.",
  schema,
  async run({ summary, evidence, removed_tests: removedTests }, { record, services }: PlatformContext) {
    const { store, sandbox, repositories } = services;
    const items = readEvidence(evidence);
    const commands = (await store.toolCalls.commands(record)).map(asRanCommand);
    const tree = await sandbox.treeHash(record.sandbox_id);
    const baseTree = await repositories.treeOf(record.project_id, record.base_sha);
    const { patch } = await repositories.diff(record.project_id, record.base_sha, tree, {
      maxBytes: 2_000_000,
    });
    const refusedChanges = await sandbox.refusedChanges(record.sandbox_id);
    const gaps = [
      ...refusedChanges.map(({ path, filter }) => ({ message: filterRefusal(oneLine(path), oneLine(filter)) })),
      ...completionGaps({
        ...record.terms,
        evidence: items,
        commands,
        tree,
        base_tree: baseTree,
        patch,
        removed_tests: removedTests,
      }),
    ];
    // Asked once: a file with such a name may be part of the work.
    const left = (await store.toolCalls.claims(record.id)) === 0 ? leftovers(patch) : [];
    const leftNote =
      left.length > 0
        ? `The change adds files that look like leftovers: ${left.map(oneLine).join(', ')}. Delete them or name them in .gitignore, and run the checks again. If they belong to the work, keep them and call complete_task again.`
        : '';
    if (gaps.length > 0) {
      const prose =
        items === undefined
          ? '\nEvidence given as prose proves nothing: give the tool_use_id of the command that shows it.'
          : '';
      const list = [...gaps.map((gap) => gap.message), leftNote].filter(Boolean);
      return refused(`Not accepted. What is missing:\n${list.map((line) => `- ${line}`).join('\n')}${prose}`);
    }
    if (leftNote) return { text: `Not accepted yet. ${leftNote}`, is_error: true, error_kind: 'conflict' };
    await store.runs.setOutcome(record.organization_id, record.id, {
      summary,
      evidence: (items ?? []).map((item) => recordedEvidence(item, commands)),
      tree,
      ...(removedTests ? { removed_tests: removedTests } : {}),
    });
    return {
      text: "The evidence is valid. The platform runs the project's check in a clean checkout now.",
      outcome: { kind: 'claimed' },
    };
  },
});
