import { createActivities } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { loadConfig } from '#activities/services/config.ts';
import { createServices } from '#activities/services/index.ts';
import { MockActivityEnvironment } from '@temporalio/testing';
import { eventually } from '#tests/support/api.ts';
import { call } from '#tests/support/scripts.ts';
import { latency, round, type Latency } from './numbers.ts';
import type { Stage } from './stage.ts';

/** The services that a process of the stage's stack has. */
async function servicesOf(stage: Stage): Promise<Services> {
  const { dataDir, temporalAddress, env } = stage.stack.address;
  return createServices(
    loadConfig(
      {
        data_dir: dataDir,
        ...(env.DATABASE_URL ? { database: { url: env.DATABASE_URL } } : {}),
        env: 'test',
        repo_roots: ['/tmp'],
        temporal: { address: temporalAddress },
        model: { provider: 'anthropic', api_key: 'nobody', base_url: 'http://127.0.0.1:9' },
        server: { log_level: 'error' },
      },
      {},
    ),
    { migrate: false },
  );
}

/** Time until a steering message is accepted and until a request to the model carries it; recovery time after kill -9. */
export async function steeringAndRecovery(
  stage: Stage,
): Promise<{ accepted: Latency; delivered: Latency; recovery_ms: number[] }> {
  const { id } = await stage.project();
  stage.script = ({ step }) => ({ delay_ms: 40, tools: [call('bash', { command: `echo ${step} >> log.txt` })] });
  const ticket = await stage.quickTicket(id, 'Steered');
  await eventually('it works', () => stage.turnsOf('Steered').length > 3, 60_000);
  const { run_id } = await stage.api.get<{ run_id: string }>(`/tasks/${ticket.task_id}`);
  const accepted: number[] = [];
  const delivered: number[] = [];
  for (let n = 0; n < 40; n += 1) {
    const message = `Number ${n} of the steers.`;
    const sent = performance.now();
    await stage.api.post(`/runs/${run_id}/steer`, { kind: 'refocus', message });
    accepted.push(performance.now() - sent);
    await eventually('it is delivered', () => stage.asked.some(({ request }) => request.last.includes(message)));
    delivered.push((stage.asked.find(({ request }) => request.last.includes(message))?.at ?? 0) - sent);
  }
  const recovery: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const before = stage.asked.length;
    const killed = performance.now();
    stage.stack.kill('application');
    await eventually('it continues', () => stage.asked.length > before, 60_000);
    recovery.push(Math.round((stage.asked.at(-1)?.at ?? 0) - killed));
    await stage.stack.ready();
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  await stage.api.post(`/tickets/${ticket.id}/cancel`);
  return { accepted: latency(accepted), delivered: latency(delivered), recovery_ms: recovery };
}

/** Time from the request to interrupt a run until the connection of its model call is closed. */
export async function interruptToCut(stage: Stage): Promise<Latency> {
  const { id } = await stage.project();
  stage.script = () => ({ hang: true });
  const ticket = await stage.quickTicket(id, 'Interrupted');
  const times: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    await eventually('the model is asked', () => stage.turnsOf('Interrupted').length > n, 60_000);
    const { run_id } = await stage.api.get<{ run_id: string }>(`/tasks/${ticket.task_id}`);
    const cuts = stage.cut.length;
    const sent = performance.now();
    await stage.api.post(`/runs/${run_id}/interrupt`, { message: `Number ${n}.` });
    await eventually('the call is cut', () => stage.cut.length > cuts, 60_000);
    times.push((stage.cut[cuts]?.at ?? 0) - sent);
  }
  await stage.api.post(`/tickets/${ticket.id}/cancel`);
  return latency(times);
}

/** Time of a start with the data of an earlier run until the application is ready. */
export async function warmStart(stage: Stage): Promise<{ seconds: number }> {
  await stage.stack.stop({ keep: true });
  const began = performance.now();
  await stage.stack.launch();
  return { seconds: round((performance.now() - began) / 1000) };
}

/** Fifty concurrent callers on a budget of one dollar, each spending what it reserved: how much exceeds the limit. */
export async function budgetOverrun(stage: Stage): Promise<{
  writers: number;
  calls: number;
  limit_micros: number;
  overrun_micros: number;
}> {
  const services = await servicesOf(stage);
  try {
    const { id: project_id } = await stage.project();
    const { organization_id } = await stage.api.get<{ organization_id: string }>(`/projects/${project_id}`);
    const scope = { type: 'project' as const, id: project_id };
    const limit = 1_000_000;
    await services.store.budgets.set({ organization_id, scope, limit_micros: limit });
    let calls = 0;
    await Promise.all(
      Array.from({ length: 50 }, async (_, writer) => {
        for (let n = 0; ; n += 1) {
          const key = `bench:${writer}:${n}`;
          const held = await services.store.budgets.reserve({
            key,
            organization_id,
            run_id: null,
            scopes: [scope],
            wanted: 7300,
            least: 1000,
          });
          if (!held.ok) {
            if (held.short) return;
            await new Promise((resolve) => setTimeout(resolve, 5));
            continue;
          }
          calls += 1;
          await services.store.costs.record({
            key,
            organization_id,
            project_id,
            kind: 'turn',
            provider: 'bench',
            model: 'bench',
            input_tokens: 0,
            output_tokens: 0,
            cache_read_tokens: 0,
            cache_write_tokens: 0,
            input_micros: 0,
            output_micros: held.held_micros,
            cost_micros: held.held_micros,
          });
        }
      }),
    );
    const { spent_micros: spent } = await services.store.budgets.get(organization_id, scope);
    return { writers: 50, calls, limit_micros: limit, overrun_micros: Math.max(0, spent - limit) };
  } finally {
    await services.close();
  }
}

/** A code host that does the work, then answers 500, repeatedly: how many duplicate branches and pull requests it has. */
export async function doubledEffects(
  stage: Stage,
): Promise<{ injected_failures: number; wanted: number; doubled: number }> {
  const services = await servicesOf(stage);
  try {
    const wanted = 20;
    // A retry finds an existing pull request before it opens one, so opening fails once. A push is repeated.
    const failuresOf = { push: 49, open: 1 };
    let injected = 0;
    const { id: project_id, repository } = await stage.project();
    const { organization_id } = await stage.api.get<{ organization_id: string }>(`/projects/${project_id}`);
    const left = new Map<string, number>();
    const afterwards =
      <A extends unknown[], R>(name: 'push' | 'open', work: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const answer = await work(...args);
        const key = `${name}:${String(args[1] && typeof args[1] === 'object' && 'branch' in args[1] ? args[1].branch : args[1])}`;
        const more = left.get(key) ?? failuresOf[name];
        left.set(key, more - 1);
        if (more <= 0) return answer;
        injected += 1;
        throw new Error('500 Internal Server Error, after it was done');
      };
    const { codeHost } = services;
    const flaky: Services = {
      ...services,
      codeHost: {
        ...codeHost,
        openPullRequest: afterwards('open', codeHost.openPullRequest.bind(codeHost)),
        pushBranch: afterwards('push', codeHost.pushBranch.bind(codeHost)),
        findPullRequest: codeHost.findPullRequest.bind(codeHost),
      },
    };
    const activities = createActivities(flaky);
    const retryUntilDone = async <T>(work: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (!String(error).includes('after it was done')) throw error;
        }
      }
    };
    const asActivity = <I, O>(activity: (input: I) => Promise<O>, input: I) =>
      retryUntilDone(() => new MockActivityEnvironment().run(activity, input) as Promise<O>);
    for (let n = 0; n < wanted; n += 1) {
      const ticket = await stage.api.post<{ id: string }>('/tickets', {
        project_id,
        title: `Effect ${n}`,
        description: 'Measured.',
        workflow_mode: 'spec_driven',
        force_create: true,
      });
      const opened = await asActivity(activities.openTicket, {
        organization_id,
        ticket_id: ticket.id,
        base_branch: null,
      });
      const tree = await services.repositories.treeOf(project_id, opened.head_sha);
      const sha = await services.repositories.commitTree(project_id, {
        tree,
        parents: [opened.head_sha],
        message: 'Something',
      });
      await services.repositories.updateRef(project_id, `refs/heads/${opened.branch}`, sha, opened.head_sha);
      await asActivity(activities.openPullRequest, { organization_id, ticket_id: ticket.id, spec_id: null });
    }
    const pulls = (await stage.api.all(`/pull-requests?project_id=${project_id}`)).length;
    const branches = repository.branches().filter((name) => name !== 'main').length;
    return { injected_failures: injected, wanted, doubled: pulls - wanted + (branches - wanted) };
  } finally {
    await services.close();
  }
}
