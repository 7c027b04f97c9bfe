import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { StretchInput, StretchResult } from '#workflows/contracts/stretch.ts';
import { AppError, fenced } from '#workflows/domain/errors.ts';
import type { Services } from '../../ports/services.ts';
import { ProgramStretch } from '../program/stretch.ts';
import { StretchLoop, type StretchParts } from './loop.ts';
import { Reins } from './reins.ts';

/** Tries by the server of one try of the workflow that an owner's number has room for. */
const triesEach = 1000;

/** Milliseconds that a try waits for an older one in its process. */
const endsWithinMs = 5000;

/** The number under which a try owns its run: it grows with each try of the workflow, and with each of the server's. */
const ownerOf = (number: number, attempt: number): number => number * triesEach + Math.min(attempt, triesEach - 1);

/**
 * Carries on a run turn after turn, until the workflow has something to decide or the stretch's time is up. A newer try
 * in this process first ends the older one; one in another process is fenced off by the run's row.
 */
export function createStretch(services: Services, parts: StretchParts) {
  const underWay = new Map<string, { owner: number; reins: Reins; ended: Promise<unknown> }>();

  /** Runs whose last try in this process failed. */
  const failed = new Set<string>();
  services.bus.subscribe('cuts', ({ run_id: id }) => underWay.get(String(id))?.reins.cut('message'));

  async function carryOn(input: StretchInput, owner: number, reins: Reins): Promise<StretchResult> {
    const { info } = Context.current();
    const older = underWay.get(input.run_id);
    if (older && older.owner > owner) throw fenced();
    older?.reins.leave();
    // One that does not end in time is fenced off all the same.
    const ended = Promise.race([older?.ended, sleep(older ? endsWithinMs : 0)]).then(async () => {
      const run = await services.store.runs.take(input.organization_id, input.run_id, owner);
      const crowded = () => underWay.size >= services.config.temporal.concurrent_agents;
      if (run.settings.runner) return new ProgramStretch(services, { run, input, reins, crowded }).go();
      return new StretchLoop(services, parts, {
        run,
        input,
        reins,
        attempt: info.attempt,
        queued_ms: Math.max(0, Date.now() - info.currentAttemptScheduledTimestampMs),
        failedHere: failed.has(run.id),
        crowded,
      }).go();
    });
    const mine = { owner, reins, ended: ended.catch(() => undefined) };
    underWay.set(input.run_id, mine);
    try {
      const result = await ended;
      failed.delete(input.run_id);
      return result;
    } catch (error) {
      failed.add(input.run_id);
      throw error;
    } finally {
      if (underWay.get(input.run_id) === mine) underWay.delete(input.run_id);
    }
  }

  return async function stretch(input: StretchInput): Promise<StretchResult> {
    const context = Context.current();
    const reins = new Reins(context);
    try {
      return await carryOn(input, ownerOf(input.number, context.info.attempt), reins);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'fenced') throw error;
      const { owner } = await services.store.runs.get(input.organization_id, input.run_id);
      if (Math.floor(owner / triesEach) !== input.number) throw error;
      // `temporal activity reset` counts the tries from one again: the newest try has a lower number then.
      const { activityId, attempt, workflowExecution } = context.info;
      const workflow_id = workflowExecution?.workflowId ?? '';
      const isNewest = await services.workflows.isNewestTry({ workflow_id, activity_id: activityId, attempt });
      if (reins.isLeft || !isNewest) throw error;
      return await carryOn(input, owner + 1, reins);
    }
  };
}
