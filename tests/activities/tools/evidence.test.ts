import { evidenceSchema, readEvidence, recordedEvidence } from '#activities/tools/support/evidence.ts';
import { toolSchema } from '#activities/tools/support/tool-schema.ts';
import { submitReview } from '#activities/tools/submit-review.ts';

const ran = {
  tool_use_id: 'toolu_1',
  command: 'npm test',
  exit_code: 1,
  output: 'exit 1\nnot ok 2',
  tree_before: null,
  tree_after: null,
};

test('the model is asked to name commands, not to write down what the platform has on record', () => {
  const asked = toolSchema(submitReview).properties?.evidence?.items?.properties;
  expect(Object.keys(asked ?? {})).toEqual(['criterion_id', 'command', 'tool_use_id']);
});

test('exit code and output come from the record, whatever the claim says', () => {
  const claimed = evidenceSchema.parse([{ tool_use_id: 'toolu_1', exit_code: 0, excerpt: 'all pass' }, 'it works']);
  expect(readEvidence(claimed)?.map((item) => recordedEvidence(item, [ran]))).toEqual([
    { tool_use_id: 'toolu_1', command: 'npm test', exit_code: 1, excerpt: 'exit 1\nnot ok 2', verified: true },
  ]);
});

test('a claim about a command that never ran remains a claim', () => {
  expect(recordedEvidence({ command: 'make check', exit_code: 0, excerpt: 'fine' }, [ran])).toEqual({
    command: 'make check',
    exit_code: 0,
    excerpt: 'fine',
    verified: false,
  });
});
