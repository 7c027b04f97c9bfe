import type { FoundCommand, SurveyedRoot, SurveyState } from '#workflows/domain/survey/environment.ts';
import { asJson, surveyRow, surveyViewRow, type Survey, type SurveyView } from './json.ts';
import type { StoreCore } from './core.ts';

interface SurveyRef {
  organization_id: string;
  project_id: string;
}

/** The survey of each project's repository: what its set-up and checks did at a commit of its default branch. */
export function surveysStore(core: StoreCore) {
  const withoutTests = { tests: true } as const;

  return {
    /** @returns null for a project that was never surveyed. */
    find: (organizationId: string, projectId: string): Promise<SurveyView | null> =>
      core.read(async (db) => {
        const row = await db.projectSurvey.findFirst({
          where: { project_id: projectId, organization_id: organizationId },
          omit: withoutTests,
        });
        return row && surveyViewRow(row);
      }),

    /** The survey with the ids of the tests that ran. */
    findWithTests: (organizationId: string, projectId: string): Promise<Survey | null> =>
      core.read(async (db) => {
        const row = await db.projectSurvey.findFirst({
          where: { project_id: projectId, organization_id: organizationId },
        });
        return row && surveyRow(row);
      }),

    /**
     * Begins a survey. The results of the former one stay until this one has found what it will try. A repeated step
     * begins another one, and the steps of the older one change nothing.
     * @returns the number of the survey.
     */
    begin: (ref: SurveyRef) =>
      core.change(async (tx, emit) => {
        const { project_id, organization_id } = ref;
        const begun = { state: 'surveying', step: 'reading the repository', known: false, error: null };
        const at = { started_at: new Date(), updated_at: new Date(), ended_at: null };
        const { number } = await tx.projectSurvey.upsert({
          where: { project_id },
          create: { project_id, organization_id, ...begun, ...at },
          update: { number: { increment: 1 }, ...begun, ...at },
          select: { number: true },
        });
        emit({
          type: 'project.survey_started',
          organization_id,
          project_id,
          entity: { kind: 'project', id: project_id },
          data: { number },
        });
        return number;
      }),

    /** Stores what the files of the repository say. Nothing of it has been tried. */
    found: (
      ref: SurveyRef & { number: number },
      found: { base_sha: string; fingerprint: string; roots: SurveyedRoot[]; shown: FoundCommand[] },
    ) =>
      core.read((db) =>
        db.projectSurvey.updateMany({
          where: { project_id: ref.project_id, organization_id: ref.organization_id, number: ref.number },
          data: {
            base_sha: found.base_sha,
            fingerprint: found.fingerprint,
            roots: asJson(found.roots),
            shown: asJson(found.shown),
            tests: {},
            updated_at: new Date(),
          },
        }),
      ),

    /** Says what the survey is doing. */
    at: (ref: SurveyRef & { number: number }, step: string) =>
      core.read((db) =>
        db.projectSurvey.updateMany({
          where: { project_id: ref.project_id, organization_id: ref.organization_id, number: ref.number },
          data: { step, updated_at: new Date() },
        }),
      ),

    /** Stores the result of one step: the root that it tried, and the tests of a check. */
    tried: (
      ref: SurveyRef & { number: number },
      step: { root: number; change: (root: SurveyedRoot) => SurveyedRoot; tests?: { check: string; ids: string[] } },
    ) =>
      core.change(async (tx) => {
        const row = await tx.projectSurvey.findUnique({ where: { project_id: ref.project_id } });
        if (row?.organization_id !== ref.organization_id || row.number !== ref.number) return;
        const survey = surveyRow(row);
        const roots = survey.roots.map((root, i) => (i === step.root ? step.change(root) : root));
        const tests = step.tests ? { ...survey.tests, [step.tests.check]: step.tests.ids } : survey.tests;
        await tx.projectSurvey.update({
          where: { project_id: ref.project_id },
          data: { roots: asJson(roots), tests: asJson(tests), updated_at: new Date() },
        });
      }),

    /** Tasks of the project may start: set-up and the first check are known, or cannot be. */
    know: (ref: SurveyRef & { number: number }) =>
      core.read((db) =>
        db.projectSurvey.updateMany({
          where: { project_id: ref.project_id, organization_id: ref.organization_id, number: ref.number },
          data: { known: true },
        }),
      ),

    /** Ends a survey. A repeated call, and one for an older survey, changes nothing. */
    end: (
      ref: SurveyRef & { number: number },
      result: { state: Exclude<SurveyState, 'surveying'>; error: string | null },
    ) =>
      core.change(async (tx, emit) => {
        const { project_id, organization_id, number } = ref;
        const { count } = await tx.projectSurvey.updateMany({
          where: { project_id, organization_id, number, state: 'surveying' },
          data: { ...result, step: '', known: true, ended_at: new Date(), updated_at: new Date() },
        });
        if (count === 0) return;
        emit({
          type: 'project.surveyed',
          organization_id,
          project_id,
          entity: { kind: 'project', id: project_id },
          data: { number, ...result },
        });
      }),
  };
}
