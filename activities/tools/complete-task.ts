import { z } from 'zod';
import { checkClaim } from './support/check-claim.ts';
import { evidenceSchema, readEvidence } from './support/evidence.ts';
import { defineTool } from './support/define-tool.ts';
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
    const items = readEvidence(evidence);
    // Asked once: a file with such a name may be part of the work.
    const asksAboutLeftovers = (await services.store.toolCalls.claims(record.id)) === 0;
    const { gaps, left } = await checkClaim(
      services,
      record,
      { summary, evidence: items, removed_tests: removedTests },
      { asksAboutLeftovers },
    );
    if (gaps.length > 0) {
      const prose =
        items === undefined
          ? '\nEvidence given as prose proves nothing: give the tool_use_id of the command that shows it.'
          : '';
      const list = [...gaps, left].filter(Boolean);
      return refused(`Not accepted. What is missing:\n${list.map((line) => `- ${line}`).join('\n')}${prose}`);
    }
    if (left) return { text: `Not accepted yet. ${left}`, is_error: true, error_kind: 'conflict' };
    return {
      text: "The evidence is valid. The platform runs the project's check in a clean checkout now.",
      outcome: { kind: 'claimed' },
    };
  },
});
