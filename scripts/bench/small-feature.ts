import { examplePhases } from '#tests/support/phases.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { trackerProject, trackerWork } from '#tests/support/tracker.ts';
import { commonPrefix } from './numbers.ts';
import { Stage } from './stage.ts';
import { KindCounts, type KindTokens } from './kind-tokens.ts';

const { tasks, requirements } = examplePhases;
const ids = requirements.requirements.map(({ id }) => id);
/** The plan of one task. */
const sections: Record<string, Record<string, unknown>> = {
  ...examplePhases,
  tasks: {
    ...tasks,
    tickets: [{ ...tasks.tickets[0], requirements: ids, tasks: ['TSK-001'], dependencies: {} }],
    tasks: [{ ...tasks.tasks[0], requirements_addressed: ids }],
    total_estimated_hours: 3,
    critical_path: ['TSK-001'],
  },
};

/** Reads the code, submits half as a draft, then the rest, as the prompts ask for it. */
function plan({ context, step }: Played): Reply {
  if (step === 0)
    return {
      text: 'I read the code that the request touches.',
      tools: ['README.md', 'src/app.js', 'src/domain/tasks.js', 'test/tasks.test.js'].map((path) =>
        call('read_file', { path }),
      ),
    };
  const phase = context.phase ?? '';
  const fields = Object.entries(phase === 'plan' ? sections : (sections[phase] ?? {}));
  const half = Math.ceil(fields.length / 2);
  const given = Object.fromEntries(step === 1 ? fields.slice(0, half) : fields.slice(half));
  return { tools: [call(`submit_${phase}`, step === 1 ? { partial: true, ...given } : given)] };
}

export function playSmallFeature(request: Played): Reply {
  const value = answerValue(request);
  if (value) return value;
  if (request.context.kind === 'phase') return plan(request);
  if (request.context.kind === 'validation') return reviewPasses(request);
  return finishTask(request, trackerWork['TSK-001'] ?? {});
}

const smallestCached = 1024 * 3.5;

/** Counts the tokens of requests by kind of session. The cache is taken to hold every earlier request. */
export function countTokens(requests: Played[], answer: (request: Played) => Reply): KindTokens[] {
  const counts = new KindCounts();
  const users = new Set<string>();
  const earlier: string[] = [];
  for (const request of requests) {
    const { tools, system, messages, model } = request.body;
    // Neither marks of the cache nor the way in which inputs are streamed are tokens.
    const text = JSON.stringify([tools ?? [], system ?? '', messages]).replace(
      /,"(?:cache_control":\{[^}]*\}|eager_input_streaming":true)/g,
      '',
    );
    const shared = Math.max(0, ...earlier.map((before) => commonPrefix(before, text)));
    earlier.push(text);
    const { kind } = request.context;
    const entry = counts.of(kind, model);
    const reply = answer(request);
    entry.sessions += users.has(request.user_id) ? 0 : 1;
    entry.requests += 1;
    entry.input += Math.ceil(text.length / 3.5);
    entry.cached += shared < smallestCached ? 0 : Math.floor(shared / 3.5);
    entry.output += Math.ceil(JSON.stringify(reply).length / 3.5);
    users.add(request.user_id);
  }
  return counts.sorted();
}

/** Takes a small feature from its sentence to a pull request, and counts its tokens. @param launch fields of the launch. */
export async function smallFeature(launch: object): Promise<KindTokens[]> {
  // Monitoring judges by the clock, so it would add a different number of requests each time.
  const stage = await Stage.open({
    OMOIOS_MONITORING_GUARDIAN_INTERVAL: '3600',
    OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '3600',
  });
  try {
    const { id: project_id } = await stage.project(trackerProject);
    stage.script = playSmallFeature;
    const { spec_id } = await stage.api.post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: 'Export tasks',
      description: 'All tasks as a CSV file.',
      auto_execute: true,
      ...launch,
    });
    const spec = await stage.api.until<{ status: string; last_error: string | null }>(
      `/specs/${spec_id}`,
      ({ status }) => ['pr_created', 'failed', 'waiting'].includes(status),
      300_000,
    );
    if (spec.status !== 'pr_created') throw new Error(`The feature is ${spec.status}: ${spec.last_error}`);
    return countTokens(
      stage.asked.map(({ request }) => request),
      playSmallFeature,
    );
  } finally {
    await stage.close();
  }
}
