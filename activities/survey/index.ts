import { Context } from '@temporalio/activity';
import type { SurveyPlan } from '#workflows/contracts/survey.ts';
import { surveyQueue } from '#workflows/contracts/ids.ts';
import type { Survey, SurveyView } from '#prisma/store/json.ts';
import type { Project } from '#prisma/store/projects.ts';
import { diagnose } from '#workflows/domain/survey/diagnose.ts';
import type { Missing, SetupStep, SurveyedRoot } from '#workflows/domain/survey/environment.ts';
import { checkName, fromTop, isSetUp, surveyState } from '#workflows/domain/survey/state.ts';
import { cutEnd } from '#workflows/domain/text.ts';
import { isLost, refuseUnsafe } from '../agent/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { checkSandboxId, ensureCheckSandbox } from '../project/check-sandbox.ts';
import { syncProject } from '../ports/link-commits.ts';
import { runSetupCommand } from '../project/set-up.ts';
import { setupKey } from '../project/setup-key.ts';
import { networkOf } from '../run/limits.ts';
import { foundTools } from './found-tools.ts';
import { fingerprintOf, lookAt, type Environment } from './look.ts';
import { tryCheck } from './try-check.ts';

interface ProjectRef {
  organization_id: string;
  project_id: string;
}

interface SurveyRef extends ProjectRef {
  number: number;
}

const logBytes = 8000;

/** The access of set-up commands. */
const setupNetwork = ({ settings: { network = 'setup' } }: Project) => (network === 'setup' ? 'full' : network);

/** The limits of a project's survey, in milliseconds. */
function surveyLimits({ config }: Pick<Services, 'config'>, { settings }: Project) {
  const { survey, sandbox } = config;
  return {
    setup: (settings.survey?.setup_seconds ?? sandbox.setup_timeout) * 1000,
    check: (settings.survey?.check_seconds ?? survey.check_timeout) * 1000,
    total: (settings.survey?.total_seconds ?? survey.total_timeout) * 1000,
  };
}

const untried = ({ path, kind, setup, checks, tools, missing }: Environment['roots'][number]): SurveyedRoot => ({
  path,
  kind,
  setup: setup.map(({ command }) => command),
  setup_steps: [],
  checks: checks.map(({ command, purpose, source }) => ({
    command,
    purpose,
    source,
    state: 'not_run',
    passed: null,
    exit_code: null,
    duration_ms: null,
    reader: null,
    tests: null,
    failing_tests: [],
    flaky_tests: [],
    log: '',
  })),
  tools: tools.map((tool) => ({ ...tool, found: null })),
  missing,
});

const withMissing = (known: Missing[], found: Missing | undefined): Missing[] =>
  found && !known.some(({ what }) => what === found.what) ? [...known, found] : known;

/** The steps of a survey: look at the repository, set up each root, try each check. */
export function createSurveyActivities(services: Services) {
  const { store, sandbox, log } = services;
  const sandboxOf = ({ project_id, number }: SurveyRef) => checkSandboxId(`survey-${project_id.slice(0, 8)}-${number}`);

  /** The survey, unless a newer one has begun. */
  async function present(ref: SurveyRef): Promise<{ survey: SurveyView; project: Project } | undefined> {
    const [survey, project] = await Promise.all([
      store.surveys.find(ref.organization_id, ref.project_id),
      store.projects.get(ref.organization_id, ref.project_id),
    ]);
    return survey?.number === ref.number && survey.base_sha ? { survey, project } : undefined;
  }

  /**
   * Creates the sandbox and sets up the root in it. Commands that an earlier try has run are not run again, as long as
   * the sandbox is there.
   */
  async function setUp(
    ref: SurveyRef,
    { survey, project }: { survey: SurveyView; project: Project },
    position: number,
    signal: AbortSignal,
  ): Promise<SetupStep[]> {
    refuseUnsafe(services);
    const id = sandboxOf(ref);
    await ensureCheckSandbox(services, {
      id,
      organization_id: project.organization_id,
      project_id: project.id,
      sha: survey.base_sha ?? '',
    });
    const root = survey.roots[position];
    const network = setupNetwork(project);
    let left = surveyLimits(services, project).setup;
    const steps: SetupStep[] = [];
    for (const [i, command] of (root?.setup ?? []).entries()) {
      const ended = await runSetupCommand(services, id, {
        job_id: `survey-setup.${position}.${i}`,
        command: fromTop(root?.path ?? '', command),
        network,
        timeoutMs: Math.max(left, 1000),
        signal,
      });
      left -= ended.duration_ms ?? 0;
      const { exit_code, duration_ms, output } = ended;
      steps.push({ command, source: null, exit_code, duration_ms, log: cutEnd(output, logBytes) });
      if (exit_code !== 0) break;
    }
    return steps;
  }

  /**
   * Sets up roots in their order, since a later one may need what an earlier one left. In a sandbox that is still there
   * nothing of it runs again.
   * @returns the steps of the last root.
   */
  async function setUpRoots(
    ref: SurveyRef,
    known: { survey: SurveyView; project: Project },
    roots: number,
    signal: AbortSignal,
  ): Promise<SetupStep[]> {
    let steps: SetupStep[] = [];
    for (let position = 0; position < roots; position += 1) steps = await setUp(ref, known, position, signal);
    return steps;
  }

  /** Runs commands in the survey's sandbox. One that was lost, with its commands, is made again once. */
  async function madeAgain<T>(ref: SurveyRef, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!isLost(error)) throw error;
      await sandbox.destroy(sandboxOf(ref), ref.project_id);
      return run();
    }
  }

  /** Keeps what the set-up left, for the sandboxes of tasks. No check has run in this one. */
  async function keepSetup(
    ref: SurveyRef,
    { survey, project }: { survey: SurveyView; project: Project },
  ): Promise<void> {
    const setup = survey.roots.flatMap((root) => root.setup.map((command) => fromTop(root.path, command)));
    if (setup.length === 0) return;
    const id = sandboxOf(ref);
    const subject = { sandbox_id: id, project_id: project.id, sha: survey.base_sha ?? '' };
    const key = await setupKey(services, subject, { setup, network: project.settings.network ?? 'setup' });
    await sandbox.saveSetup(id, key).catch((error: unknown) => {
      log.warn({ sandbox_id: id, error: String(error) }, 'the set-up is not kept: the next sandbox runs it again');
    });
  }

  const timeLeft = (survey: Survey | SurveyView, project: Project) =>
    survey.started_at.getTime() + surveyLimits(services, project).total - Date.now();

  return {
    /** Begins a survey of the newest commit of the default branch, and stores what it will try. */
    openSurvey: async (input: ProjectRef): Promise<SurveyPlan> => {
      const project = await store.projects.get(input.organization_id, input.project_id);
      const number = await store.surveys.begin(input);
      const sha = await syncProject(services, project);
      const looked = await lookAt(services, project, sha);
      const { roots, shown } = looked;
      const fingerprint = await fingerprintOf(services, project, sha, looked);
      const found = roots.map(untried);
      await store.surveys.found({ ...input, number }, { base_sha: sha, fingerprint, roots: found, shown });
      return {
        number,
        queue: surveyQueue(sandbox.host),
        roots: found.map(({ checks }) => ({ checks: checks.length })),
      };
    },

    /** Sets up a root in a clean checkout. @returns false when its checks cannot be tried. */
    surveySetup: async (input: SurveyRef & { root: number }): Promise<{ set_up: boolean }> => {
      const known = await present(input);
      const root = known?.survey.roots[input.root];
      if (!known || !root) return { set_up: false };
      await store.surveys.at(input, `setting up ${root.path || 'the repository'}`);
      const { cancellationSignal: signal } = Context.current();
      const steps = await madeAgain(input, () => setUpRoots(input, known, input.root + 1, signal));
      const tools = foundTools(root, await sandbox.tools(sandboxOf(input)));
      const last = steps.at(-1);
      const cause =
        last &&
        last.exit_code !== 0 &&
        (diagnose({
          command: last.command,
          exit_code: last.exit_code,
          output: last.log,
          limit: surveyLimits(services, known.project).setup / 1000,
          network: setupNetwork(known.project) !== 'none',
        }) ?? {
          what: `a set-up that works: \`${last.command}\` ended with ${last.exit_code}`,
          remedy: "Read its log, fix the cause, or name the set-up commands in the project's settings.",
        });
      await store.surveys.tried(input, {
        root: input.root,
        change: (stored) => ({
          ...stored,
          setup_steps: steps,
          tools: tools.tools,
          missing: withMissing(tools.missing, cause || undefined),
        }),
      });
      const isWhole = input.root === known.survey.roots.length - 1 && known.survey.roots.slice(0, -1).every(isSetUp);
      const worked = isSetUp({ ...root, setup_steps: steps });
      if (worked && isWhole) await keepSetup(input, known);
      return { set_up: worked };
    },

    /** Tries a check. A quick one runs twice: a test that differs is flaky. */
    surveyCheck: async (input: SurveyRef & { root: number; check: number }): Promise<void> => {
      const signal = Context.current().cancellationSignal;
      const known = await present(input);
      const root = known?.survey.roots[input.root];
      const check = root?.checks[input.check];
      if (!known || !root || !check) return;
      const left = timeLeft(known.survey, known.project);
      await store.surveys.at(input, `running ${fromTop(root.path, check.command)}`);
      const limits = surveyLimits(services, known.project);
      const result = await madeAgain(input, async () => {
        if (left > 0) await setUpRoots(input, known, known.survey.roots.length, signal);
        return tryCheck(
          services,
          {
            sandbox_id: sandboxOf(input),
            name: `survey.${input.root}.${input.check}`,
            root,
            check,
            network: networkOf(known.project.settings),
            limit_ms: Math.min(limits.check, left),
            again_below_ms: services.config.survey.again_below * 1000,
          },
          signal,
        );
      });
      await store.surveys.tried(input, {
        root: input.root,
        change: (stored) => ({
          ...stored,
          checks: stored.checks.map((other, i) => (i === input.check ? result.check : other)),
          missing: withMissing(stored.missing, result.missing),
        }),
        tests: result.tests && { check: checkName(root.path, check.command), ids: result.tests },
      });
    },

    surveyKnown: async (input: SurveyRef): Promise<void> => void (await store.surveys.know(input)),

    /** Ends a survey and removes its sandbox. @param input.again another one follows at once, so nothing has ended. */
    closeSurvey: async (input: SurveyRef & { error: string | null; again?: boolean }): Promise<void> => {
      if (input.again) return sandbox.destroy(sandboxOf(input), input.project_id);
      const survey = await store.surveys.find(input.organization_id, input.project_id);
      const state = input.error ? 'failed' : surveyState(survey?.roots ?? []);
      await store.surveys.end(input, { state, error: input.error });
      await sandbox.destroy(sandboxOf(input), input.project_id);
    },

    /** Records that a survey could not even begin. */
    failSurvey: async (input: ProjectRef & { error: string }): Promise<void> => {
      const survey = await store.surveys.find(input.organization_id, input.project_id);
      if (survey) await store.surveys.end({ ...input, number: survey.number }, { state: 'failed', error: input.error });
    },
  };
}
