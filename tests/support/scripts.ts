import { askedTool, type Played, type Reply, type ToolUse } from './played-model.ts';
import { testCommand } from './repository.ts';

/** Plausible answers to every call for one value; undefined for an agent's session. */
export function answerValue(request: Played): Reply | undefined {
  // A summary is asked for with the run's own tools, and given in text.
  if (request.context.kind === 'compaction') return { text: 'Work went on.' };
  const tool = askedTool(request);
  if (!tool) return undefined;
  const values: Record<string, unknown> = {
    give_title: { title: request.context.title?.slice(0, 60) ?? 'A title' },
    give_analysis: {
      execution_mode: 'implementation',
      output_type: 'code',
      requires_code_changes: true,
      requires_git_commit: true,
      requires_git_push: true,
      requires_pull_request: true,
      requires_tests: true,
      reasoning: 'It changes code.',
    },
    give_diagnosis: { category: 'code', root_cause: 'It went wrong.', evidence: '', next_action: 'Do it otherwise.' },
    explain_standstill: {
      cause: 'environment',
      root_cause: 'Something is missing here.',
      hypotheses: [],
      recommendations: [],
      confidence: 0.5,
    },
    give_judgement: {
      alignment_score: 0.95,
      trajectory_aligned: true,
      needs_steering: false,
      trajectory_summary: 'On its way.',
    },
    give_memory: {
      memory_type: 'codebase_knowledge',
      confidence: 0.8,
      reasoning: 'It says where things are.',
      lessons: [{ category: 'patterns', content: 'Exports are modules of their own.' }],
    },
    give_duplicates: { duplicates: [] },
    give_verdict: { passed: true, score: 0.9, reasons: [] },
  };
  const value = values[tool];
  return value === undefined
    ? { text: `This test has no answer for ${tool}.` }
    : { tools: [{ name: tool, input: value }] };
}

export const call = (name: string, input: unknown, id?: string): ToolUse => ({ name, input, id });

/**
 * An id that is the same within an iteration, so that evidence can name it. A conversation must not have an id twice, so
 * each context block begins another one.
 */
const checkId = (request: Played) =>
  `toolu_check_${request.user_id.slice(-12).replaceAll('-', '')}_${request.context.attempt ?? 0}_${request.text.split('```context').length}`;

/** Writes the files, runs the project's tests, and claims completion with that run as evidence for every criterion. */
export function finishTask(request: Played, files: Record<string, string>, command = testCommand): Reply {
  const names = Object.keys(files);
  if (request.step === 0)
    return {
      text: 'I write the files.',
      tools: names.map((path) =>
        call('bash', {
          command: `mkdir -p "$(dirname '${path}')" && cat > '${path}' <<'END_OF_FILE'\n${files[path]}END_OF_FILE\n`,
        }),
      ),
    };
  if (request.step === 1) return { text: 'I run the tests.', tools: [call('bash', { command }, checkId(request))] };
  const criteria = request.context.criteria ?? [];
  const proof = { command, tool_use_id: checkId(request), exit_code: 0, excerpt: 'pass' };
  return {
    tools: [
      call('complete_task', {
        summary: `Wrote ${names.join(', ')}.`,
        evidence:
          criteria.length > 0 ? criteria.map((criterion) => ({ criterion_id: criterion.id, ...proof })) : [proof],
      }),
    ],
  };
}

export function reviewPasses(request: Played): Reply {
  if (request.step === 0) return { tools: [call('bash', { command: testCommand }, checkId(request))] };
  return {
    tools: [
      call('submit_review', {
        passed: true,
        feedback: 'It holds.',
        evidence: [{ command: testCommand, tool_use_id: checkId(request), exit_code: 0, excerpt: 'pass' }],
      }),
    ],
  };
}
