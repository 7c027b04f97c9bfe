import { z } from 'zod';
import { signal, update } from './message.ts';

export interface SurveyInput {
  organization_id: string;
  project_id: string;
}

/** A task that cannot start before set-up and the first check are known. The answer is the signal `surveyed`. */
export const awaitSurveySignal = signal('awaitSurvey', z.strictObject({ task_id: z.string() }));
/** To a task: set-up and the first check of its project are known, or the survey has ended. */
export const surveyedSignal = signal('surveyed', z.strictObject({}));

const surveying = z.object({ status: z.string() });
/** Begins again at the newest commit of the default branch. */
export const surveyAgainUpdate = update('again', z.strictObject({}), surveying);
/** Ends the survey. What is known stays. */
export const cancelSurveyUpdate = update(
  'cancel',
  z.strictObject({ reason: z.string().max(2000).optional(), actor: z.string().optional() }),
  surveying,
);

/** The steps of a survey, by their positions. */
export interface SurveyPlan {
  number: number;
  /** Task queue of the machine that tries the commands. */
  queue: string;
  roots: { checks: number }[];
}
