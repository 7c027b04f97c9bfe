import { nightOfTicket } from '#workflows/domain/agent/night-terms.ts';
import type { Run, RunSettings } from '#prisma/store/runs.ts';
import { sandboxQueue } from '#workflows/contracts/ids.ts';
import type { RunKind, RunLimits, RunMode } from '#workflows/domain/agent/run.ts';
import type { PreparedRun } from '#workflows/contracts/work.ts';
import type { ContextFields } from '#workflows/domain/agent/context-block.ts';
import { openingMessage, reopeningMessage, type Criterion, type Opening } from '#workflows/domain/agent/opening.ts';
import { listedTools } from '#workflows/domain/agent/runners.ts';
import { systemPrompt } from '#workflows/domain/agent/system-prompt.ts';
import { isEnabled } from '../ports/is-enabled.ts';
import type { Services } from '../ports/services.ts';
import { foreignTools } from '../tools/support/foreign-tools.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { takeOrMake } from '../agent/sandbox-ahead.ts';
import { makeSandbox, type Housed } from '../agent/sandbox.ts';
import { baseline } from './baseline.ts';
import { previewFrontEnd } from '../ports/open-preview.ts';
import { networkOf, requires, runnerOf } from './limits.ts';

export interface RunPlan {
  /** Derived from the run's purpose, so that a repeated call finds the existing run. */
  id: string;
  kind: RunKind;
  mode: RunMode;
  attempt: number;
  title: string;
  /** The purpose of the run, for its record. */
  goal: string;
  subject: {
    organization_id: string;
    project_id: string;
    spec_id: string | null;
    ticket_id?: string | null;
    task_id?: string | null;
    /** The registered agent that works on the task. */
    agent_id?: string | null;
    /** Planning phase of a phase's run, board phase of a task's. */
    phase?: string | null;
  };
  /** Fields of the context block, beside kind and mode. */
  context: Omit<ContextFields, 'kind' | 'mode' | 'criteria' | 'constraints'>;
  /** A registered agent that runs elsewhere does the work. */
  elsewhere?: boolean;
  /** Absent for a run that a gate judges, not criteria. */
  criteria?: Criterion[];
  /** Whether a run without changes counts as not done. */
  changes_expected: boolean;
  /**
   * `code_sha`: the commit whose tree the opening message shows. `instructions_sha`: the commit of the project's
   * instructions and commands, code_sha unless given. Work must not instruct the agents that continue or review it.
   */
  opening: { goal: string; code_sha: string; instructions_sha?: string; sections: Opening['sections'] };
  sandbox_id: string;
  branch: string;
  base_sha: string;
  /** Commit on which the branch starts; the base unless given. */
  start_sha?: string;
  /** Commit whose files the sandbox starts with; start_sha unless given. */
  head_sha?: string;
  limits: RunLimits;
  settings?: RunSettings;
  /** The run whose conversation this one continues, and the text of its next message; absent: a fresh conversation. */
  continues?: { run: Run; text: string };
  /** The run that asks a question: this one spends its budget. */
  caller_run_id?: string;
}

/**
 * Makes the sandbox of a new run while its opening message is composed. Where that fails, the run itself makes it when
 * it opens, and says why it cannot. The sandbox of a run that exists already belongs to that run; an earlier try of the
 * same step may have died before it recorded it.
 */
function houseAhead(services: Services, run: Housed) {
  const { store, sandbox, disk, log } = services;
  let fresh = false;
  const made = (async () => {
    if (disk.problem()) return undefined;
    fresh = !(await store.runs.exists(run.organization_id, run.id));
    if (fresh) return takeOrMake(services, run);
    return (await sandbox.status(run.sandbox_id)) === 'running' ? makeSandbox(services, run) : undefined;
  })().catch((error: unknown) => {
    log.debug({ run_id: run.id, error: String(error) }, 'the sandbox could not be made ahead');
    return undefined;
  });
  return {
    record: async () => (await made)?.(),
    /** Destroys the sandbox of a run that was not created. */
    drop: async () => {
      if ((await made) && fresh) await sandbox.destroy(run.sandbox_id, run.project_id);
    },
  };
}

/** Creates a run with its opening message, prompt and tools. Returns the input of its agent workflow. */
export async function createRun(services: Services, tools: ToolBox, plan: RunPlan): Promise<PreparedRun> {
  const { store, config, model, sandbox } = services;
  const { kind, mode, subject, criteria, opening } = plan;
  const [{ max_agent_runtime_hours: hours }, project, account, spec, ticket] = await Promise.all([
    store.identity.organization(subject.organization_id),
    store.projects.get(subject.organization_id, subject.project_id),
    model.accountOf?.(subject),
    subject.spec_id ? store.specs.get(subject.organization_id, subject.spec_id) : null,
    subject.ticket_id ? store.tickets.get(subject.organization_id, subject.ticket_id) : null,
  ]);
  const forbidden = (spec ? spec.night : ticket && nightOfTicket(ticket))?.forbidden_paths;
  const author = plan.continues?.run;
  const provider = account?.provider ?? model.provider;
  // The model of a launch is one of the platform's provider: an own key of another one has its own.
  const named = spec?.model ?? ticket?.model ?? undefined;
  const chosen = () =>
    author ? (author.settings.runner ?? 'loop') : runnerOf(config, project.settings, { kind, mode, provider });
  const runner = plan.elsewhere ? 'elsewhere' : chosen();
  // A session keeps the tools that it began with.
  const collaborates = author
    ? author.settings.collaborates
    : subject.agent_id && runner === 'loop'
      ? await isEnabled(services, subject.organization_id, 'collaboration')
      : false;
  const limits = {
    ...plan.limits,
    max_turns: plan.limits.max_turns + (author?.turn ?? 0),
    max_seconds: Math.min(plan.limits.max_seconds, hours * 3600),
  };
  const context: ContextFields = { kind, mode, ...plan.context };
  const instructionsSha = opening.instructions_sha ?? opening.code_sha;
  const run = {
    id: plan.id,
    ...subject,
    kind,
    mode,
    attempt: plan.attempt,
    title: plan.title,
    provider,
    model: (provider === model.provider ? named : undefined) ?? account?.model ?? config.model.name,
    sandbox_id: plan.sandbox_id,
    sandbox_host: sandbox.host ?? null,
    branch: plan.branch,
    base_sha: plan.base_sha,
    start_sha: plan.start_sha,
    head_sha: plan.head_sha,
    goal: plan.goal,
    limits,
    settings: {
      network: networkOf(project.settings),
      ...plan.settings,
      ...(runner === 'loop' ? {} : { runner }),
      instructions_sha: instructionsSha,
      ...(forbidden ? { forbidden_paths: forbidden } : {}),
      ...(kind === 'task' && project.settings.ownership === 'strict' ? { ownership: 'strict' as const } : {}),
      ...(kind === 'task' &&
      mode === 'implementation' &&
      requires('require_clean_git', services.config, project.settings)
        ? { require_clean_git: true as const }
        : {}),
      ...(collaborates ? { collaborates: true as const } : {}),
      ...(author ? { continues: { run_id: author.id, turn: author.turn } } : {}),
    },
    terms: {
      criteria: criteria ?? [],
      changes_expected: plan.changes_expected,
      context: criteria ? { ...context, criteria, constraints: [] } : context,
    },
    max_usd: limits.max_usd,
    caller_run_id: plan.caller_run_id,
  };
  const housed = houseAhead(services, {
    ...run,
    task_id: run.task_id ?? null,
    phase: run.phase ?? null,
    start_sha: run.start_sha ?? run.base_sha,
    head_sha: run.head_sha ?? run.start_sha ?? run.base_sha,
  });
  const stored = await storeRun().catch(async (error: unknown) => {
    await housed.drop();
    throw error;
  });
  await housed.record();
  await previewFrontEnd(services, run);
  // A repeated call gives the run as the first one made it, though settings may have changed between them.
  return {
    run_id: plan.id,
    attempt: plan.attempt,
    sandbox_queue: sandboxQueue(sandbox.host),
    limits: stored.limits,
    start_turn: stored.settings.continues?.turn,
    ...(stored.settings.runner === 'elsewhere' ? { elsewhere: true as const } : {}),
  };

  async function storeRun() {
    if (!plan.continues) return store.runs.create({ ...run, ...(await firstRequest()) });
    const message = services.redact(reopeningMessage(run.terms.context, plan.continues.text));
    return store.transcripts.continueAs(plan.continues.run, run, message);
  }

  async function firstRequest() {
    const code = await baseline(
      services,
      subject.organization_id,
      subject.project_id,
      { code_sha: opening.code_sha, instructions_sha: instructionsSha },
      `${plan.title}\n${opening.goal}`,
    );
    const text = openingMessage({
      context,
      goal: opening.goal,
      criteria: criteria ?? [],
      constraints: [],
      ...code,
      sections: opening.sections,
    });
    return {
      opening: services.redact(text),
      system_prompt: systemPrompt(mode, kind, runner),
      tools:
        runner === 'loop'
          ? tools.definitions(
              { kind, phase: kind === 'phase' ? (subject.phase ?? null) : null, collaborates },
              await foreignTools(services, { ...subject, agent_id: subject.agent_id ?? null, kind }),
            )
          : listedTools(),
    };
  }
}
