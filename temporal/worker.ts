import { existsSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { agentQueue, sandboxQueue, surveyQueue, taskQueues } from '#workflows/contracts/ids.ts';
import { bundlePath, bundleWorkflows } from './bundle.ts';
import { connectionOptions } from './connection.ts';
import { redactingConverter } from './data-converter.ts';
import { activityInterceptor } from './interceptors/activity.ts';
import { activitySpans } from './interceptors/spans.ts';

export interface RunningWorkers {
  /** Resolves when all workers have stopped; rejects when one fails. */
  done: Promise<void>;
  shutdown(): void;
}

let runtimeInstalled = false;

function installRuntime(services: Services): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    // The process handles signals itself: it stops workers, server and children in order.
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      level === 'ERROR' ? services.log.error(meta ?? {}, message) : services.log.warn(meta ?? {}, message),
    ),
  });
}

async function connect(services: Services, address: string): Promise<NativeConnection> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await NativeConnection.connect(connectionOptions(services.config, address));
    } catch (error) {
      if (tries >= 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/**
 * Starts one worker per task queue: workflows with short activities, model calls, the agents of this
 * machine, their sandboxes, and its surveys.
 */
export async function startWorkers(services: Services, address: string): Promise<RunningWorkers> {
  installRuntime(services);
  const { temporal } = services.config;
  const connection = await connect(services, address);
  const codePath = temporal.workflow_bundle ?? bundlePath;
  const workflowBundle: WorkerOptions['workflowBundle'] = existsSync(codePath)
    ? { codePath }
    : { code: await bundleWorkflows() };
  const ending = new AbortController();
  const activities = createActivities({ ...services, ending: ending.signal });
  const common = {
    connection,
    namespace: temporal.namespace,
    dataConverter: redactingConverter((text) => services.redact(text)),
    activities,
    interceptors: { activity: [...(await activitySpans(services.config)), activityInterceptor(services)] },
    // A command learns of an interrupt from its next heartbeat that is really sent.
    maxHeartbeatThrottleInterval: 1000,
    defaultHeartbeatThrottleInterval: 1000,
    // The model call under way may finish.
    shutdownGraceTime: (temporal.shutdown_grace ?? (temporal.address ? 120 : 3)) * 1000,
    // Milliseconds that the next workflow task waits for the worker that has the workflow cached. A killed worker never
    // takes it.
    stickyQueueScheduleToStartTimeout: 2000,
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      workflowBundle,
      taskQueue: taskQueues.main,
      maxCachedWorkflows: temporal.max_cached_workflows,
      maxConcurrentWorkflowTaskExecutions: temporal.concurrent_workflow_tasks,
      maxConcurrentActivityTaskExecutions: temporal.concurrent_activities,
    }),
    Worker.create({
      ...common,
      taskQueue: taskQueues.model,
      maxConcurrentActivityTaskExecutions: temporal.concurrent_model_calls,
    }),
    Worker.create({
      ...common,
      taskQueue: agentQueue(sandboxQueue(services.sandbox.host)),
      maxConcurrentActivityTaskExecutions: temporal.concurrent_agents,
    }),
    Worker.create({
      ...common,
      taskQueue: sandboxQueue(services.sandbox.host),
      maxConcurrentActivityTaskExecutions: temporal.concurrent_activities,
    }),
    Worker.create({
      ...common,
      taskQueue: surveyQueue(services.sandbox.host),
      maxConcurrentActivityTaskExecutions: 1,
    }),
  ]);
  const running = workers.map((worker) => worker.run());
  return {
    done: Promise.all(running).then(() => connection.close()),
    shutdown: () => {
      ending.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}
