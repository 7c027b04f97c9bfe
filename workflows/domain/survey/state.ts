import type { SurveyedCheck, SurveyedRoot, SurveyState } from './environment.ts';

/** Whether the set-up of a root did what it should. A root without set-up commands needs none. */
export const isSetUp = (root: SurveyedRoot): boolean => root.setup_steps.every((step) => step.exit_code === 0);

/** A check that ran to its end. A failed test is a result. */
export const isKnown = (check: SurveyedCheck): boolean => check.state === 'passed' || check.state === 'failed';

/**
 * The state of a survey that has ended. ready: everything that was found could be tried. partly: something is missing.
 * failed: no root could be set up.
 */
export function surveyState(roots: SurveyedRoot[]): Exclude<SurveyState, 'surveying'> {
  if (roots.length > 0 && !roots.some(isSetUp)) return 'failed';
  const whole = roots.every((root) => isSetUp(root) && root.missing.length === 0 && root.checks.every(isKnown));
  return whole && roots.some((root) => root.checks.length > 0) ? 'ready' : 'partly';
}

/** One check of a survey: its folder and its command. */
export const checkName = (path: string, command: string): string => `${path || '.'}: ${command}`;

/** A command as a person types it at the top of the repository. */
export const fromTop = (path: string, command: string): string =>
  path === '' ? command : `cd '${path.replaceAll("'", `'\\''`)}' && ${command}`;
