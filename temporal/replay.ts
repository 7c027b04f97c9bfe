import { existsSync, readFileSync } from 'node:fs';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { loadConfig } from '#activities/services/config.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { temporalAddress } from '#activities/services/addresses.ts';
import { bundlePath, bundleWorkflows } from './bundle.ts';
import { clientOptions } from './connection.ts';
import { dataConverter } from './data-converter.ts';

export interface Replayed {
  workflow_id: string;
  run_id: string;
  events: number;
  /** The difference and its event; absent when the history replays. */
  error?: string;
}

type History = temporal.api.history.v1.IHistory;

interface Chapter {
  workflow_id: string;
  run_id: string;
  history: History;
}

/** All runs of a workflow, oldest first. Continue-as-new starts a new history, and each of them must replay. */
async function chain(workflowId: string): Promise<Chapter[]> {
  const config = loadConfig();
  const address = temporalAddress(config);
  const connection = await Connection.connect(clientOptions(config, address)).catch(() => {
    throw new AppError(
      'unavailable',
      `There is no file ${workflowId}, and Temporal does not answer at ${address}. Give the file of a history, or start Temporal with npm start.`,
    );
  });
  try {
    const client = new Client({ connection, namespace: config.temporal.namespace, dataConverter });
    const chapters: Chapter[] = [];
    let runId: string | undefined;
    for (;;) {
      const handle = client.workflow.getHandle(workflowId, runId);
      const history = await handle.fetchHistory();
      const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
      chapters.unshift({ workflow_id: workflowId, run_id: started?.originalExecutionRunId ?? runId ?? '', history });
      runId = started?.continuedExecutionRunId ?? undefined;
      if (!runId) return chapters;
    }
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new AppError(
      'not_found',
      `There is no workflow and no file ${workflowId}. Give the id of a workflow, such as task:ID, or the file of a history.`,
    );
  } finally {
    await connection.close();
  }
}

function readHistory(file: string): History {
  try {
    const history = historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
    if (history.events?.length) return history;
  } catch {
    // It cannot be read, is not JSON, or is not a history.
  }
  throw new AppError(
    'invalid_body',
    `${file} is not the history of a workflow. Give a JSON file of temporal workflow show --output json, or a workflow id.`,
  );
}

function fromFile(file: string): Chapter[] {
  const history = readHistory(file);
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  return [{ workflow_id: started?.workflowId ?? file, run_id: started?.originalExecutionRunId ?? '', history }];
}

/** The worker logs errors only. */
const quiet = () => Runtime.install({ logger: new DefaultLogger('ERROR') });

/**
 * Replays the histories of a workflow, or the history in a file, on the workflows of this checkout. No server executes
 * them.
 * @param target a workflow id, or the path of a JSON file.
 */
export async function replay(target: string): Promise<Replayed[]> {
  quiet();
  const chapters = existsSync(target) ? fromFile(target) : await chain(target);
  const workflowBundle = existsSync(bundlePath) ? { codePath: bundlePath } : { code: await bundleWorkflows() };
  const results: Replayed[] = [];
  for (const { workflow_id, run_id, history } of chapters) {
    const result: Replayed = { workflow_id, run_id, events: history.events?.length ?? 0 };
    try {
      await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, workflow_id);
    } catch (error) {
      result.error = (error as Error).message;
    }
    results.push(result);
  }
  return results;
}
