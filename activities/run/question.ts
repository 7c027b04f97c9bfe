import type { QuestionInput } from '#workflows/contracts/question.ts';
import type { PreparedRun } from '#workflows/contracts/work.ts';
import { sandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { asData, asOrder, oneLine } from '#workflows/domain/agent/untrusted.ts';
import { present } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { syncProject } from '../ports/link-commits.ts';
import type { Services } from '../ports/services.ts';
import { placesIn } from '../support/cited-places.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { createRun } from './create-run.ts';
import { runLimits } from './limits.ts';

/** Earlier questions that a run is given, and characters of each answer. */
const earlier = 5;
const answerChars = 4000;

const forPerson =
  'A person reads the answer in a browser: write Markdown. Each place that you name as path:line or path:first-last, relative to the root, becomes a link to these lines.';

/** The runs that answer questions of people about the code of a project. */
export function createQuestionActivities(services: Services, tools: ToolBox) {
  const { store, config, repositories } = services;

  return {
    /** Creates the run that answers, at the newest commit of the default branch. */
    prepareQuestion: async (input: QuestionInput): Promise<PreparedRun> => {
      const { organization_id, project_id, run_id: id } = input;
      const [project, message] = await Promise.all([
        store.projects.get(organization_id, project_id),
        store.explore.attempt(input).then((row) => present(row, 'the question')),
      ]);
      // A try that was repeated keeps the commit of the run.
      const known = (await store.runs.exists(organization_id, id)) ? await store.runs.get(organization_id, id) : null;
      const sha = known?.base_sha ?? (await syncProject(services, project));
      const before = (await store.explore.before(message, earlier)).reverse();
      const limits = runLimits(config, 'explore', project.settings);
      const title = cutStart(oneLine(message.question), 120);
      return createRun(services, tools, {
        ...{ id, kind: 'explore', mode: 'exploration', attempt: 1, title, goal: message.question },
        subject: { organization_id, project_id, spec_id: null },
        context: { attempt: 1, title },
        changes_expected: false,
        opening: {
          goal: asOrder('request', message.question),
          code_sha: sha,
          sections: [
            ...before.map(({ question, answer }) => ({
              title: 'Earlier in this conversation',
              text: `${asData('question', question)}\n${asData('answer', cutStart(answer ?? '', answerChars))}`,
            })),
            { title: 'Form of the answer', text: forPerson },
          ],
        },
        sandbox_id: sandboxId(id, id),
        branch: `explore/${id.slice(0, 8)}`,
        base_sha: sha,
        limits: { ...limits, max_usd: Math.min(limits.max_usd, config.explore.max_usd) },
      });
    },

    /** Stores the answer with the places in it that exist, or why there is none. */
    closeQuestion: async ({ problem, ...input }: QuestionInput & { problem: string | null }): Promise<void> => {
      if (problem !== null) return store.explore.end(input, { error: problem });
      const run = await store.runs.get(input.organization_id, input.run_id);
      const text = await store.transcripts.lastText(run.id);
      if (!text) return store.explore.end(input, { error: 'The run ended without an answer.' });
      const answer = services.redact(text);
      const { found, wrong } = await placesIn(repositories, run, answer);
      await store.explore.end(input, { answer, base_sha: run.base_sha, citations: found, dropped: wrong });
    },
  };
}
