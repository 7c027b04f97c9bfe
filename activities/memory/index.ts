import { Context } from '@temporalio/activity';
import { z } from 'zod';
import type { MemoryInput } from '#workflows/contracts/memory.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import { scopeOfTask } from '#workflows/domain/billing/scopes.ts';
import { memoryTypes, playbookCategories } from '#workflows/domain/memory/kinds.ts';
import { patternOfType } from '#workflows/domain/memory/pattern.ts';
import { insightLength } from '#workflows/domain/memory/reflect.ts';
import { patternFrom } from '#workflows/domain/memory/thresholds.ts';
import { cutEnd, cutStart } from '#workflows/domain/text.ts';
import { deterministicId } from '../support/ids.ts';
import { askForValue } from '../support/ask-for-value.ts';
import { remember, type Experience } from '../ports/remember.ts';
import type { Services } from '../ports/services.ts';

const judgementSchema = z.object({
  memory_type: z.enum(memoryTypes),
  confidence: z.number().min(0).max(1),
  reasoning: z.string().max(500),
  lessons: z
    .array(
      z.object({
        category: z.enum(playbookCategories),
        content: z.string().trim().min(insightLength.least).max(insightLength.most),
      }),
    )
    .max(3),
});

/** Characters of a text that a memory keeps. */
const longest = 4000;

/** Steps of `memoryWorkflow`. */
export function createMemoryActivities(services: Services) {
  const { store, repositories, config } = services;

  /** What is known of an attempt, without a judgement. */
  async function experienceOf(input: MemoryInput): Promise<Experience> {
    const { organization_id, project_id, task_id, attempt, run_id, success } = input;
    const [task, run, reviews] = await Promise.all([
      store.tasks.get(organization_id, task_id),
      store.runs.get(organization_id, run_id),
      store.tasks.reviews(organization_id, task_id),
    ]);
    const head = success ? task.head_sha : run.head_sha;
    const [files, calls] = await Promise.all([
      task.base_sha && head ? repositories.changedFiles(project_id, task.base_sha, head) : [],
      store.toolCalls.commands(run, 15),
    ]);
    const failed = reviews.filter(({ passed }) => !passed).map(({ feedback }) => feedback);
    const said = input.message ?? run.outcome?.summary ?? '';
    return {
      id: deterministicId(`memory:${task_id}:${attempt}`),
      ...{ organization_id, project_id, task_id, attempt, run_id, success },
      task_type: task.task_type,
      goal: cutStart(`${task.title}\n${task.description}`, longest),
      execution_summary: cutStart(`${task.title}: ${success ? said : `failed. ${said}`}`, 600),
      result: cutStart(said || 'It ended without a summary.', longest),
      feedback: cutStart(failed.join('\n'), longest),
      tool_usage: calls.reverse().map(({ name, input: given, result }) => ({
        tool_name: name,
        arguments: { command: cutStart(given, 300) },
        result: cutEnd(result ?? '', 300),
      })),
      files: files.map(({ path }) => path).slice(0, 50),
      tags: [task.task_type, task.phase_id],
    };
  }

  /** MEM-02, MEM-07: what the small model says of it; undefined: words decide. */
  async function judged(
    input: MemoryInput,
    experience: Experience,
    signal: AbortSignal,
  ): Promise<Experience['judged']> {
    if (config.memory.reflect_with === 'words') return undefined;
    const task = await store.tasks.get(input.organization_id, input.task_id);
    const commands = experience.tool_usage.map(
      ({ arguments: given, result }) => `$ ${String(given.command)}\n${result}`,
    );
    const answer = await askForValue(
      services,
      {
        key: `memory:${input.task_id}:${input.attempt}`,
        subject: input.task_id,
        context: {
          kind: 'memory',
          spec_id: task.spec_id,
          ticket_id: task.ticket_id,
          task_id: task.id,
          task_ref: task.local_id,
          attempt: input.attempt,
          title: task.title,
        },
        model: config.model.small_name,
        system:
          'An attempt at a task of a software project has ended. Say what kind of memory it is, and what later tasks in this project should know because of it: at most three lessons, each one sentence that stands by itself and names files, commands or rules. No lesson is better than one that any engineer knows. You change nothing.',
        prompt: `# How it ended\n${input.success ? 'It was accepted.' : 'It failed.'}\n${asData('report', experience.result)}\n\n# The task\n${asData('task', experience.goal)}\n\n# What reviews said\n${asData('reviews', experience.feedback)}\n\n# Its last commands\n${asData('commands', cutEnd(commands.join('\n\n'), 6000))}`,
        tool: { name: 'give_memory', description: 'The kind of memory, and its lessons.' },
        schema: judgementSchema,
        scope: scopeOfTask(task),
      },
      signal,
    );
    if (!answer.available) return undefined;
    const { lessons, ...rest } = answer.value;
    return { ...rest, insights: lessons.map((lesson) => ({ ...lesson, confidence: rest.confidence })) };
  }

  return {
    /** Stores what an attempt taught. The model is asked first, so that the transaction holds nothing up. */
    learnFromAttempt: async (input: MemoryInput): Promise<{ memory_id: string }> => {
      const signal = Context.current().cancellationSignal;
      const experience = await experienceOf(input);
      const { memory } = await remember(services, { ...experience, judged: await judged(input, experience, signal) });
      if (input.success && memory.task_type)
        await store.patterns.extract(memory, {
          pattern_type: 'success',
          task_type_pattern: patternOfType(memory.task_type),
          least: patternFrom,
        });
      return { memory_id: memory.id };
    },
  };
}
