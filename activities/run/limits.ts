import type { RunKind, RunLimits, RunMode } from '#workflows/domain/agent/run.ts';
import type { Runner } from '#workflows/domain/agent/runners.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { ProjectSettings } from '#prisma/store/projects.ts';
import type { Services } from '../ports/services.ts';

/** The attempts at a compact plan: each section may come back, though seldom all of them. */
export const planAttempts = ({ phase }: Pick<Services['config'], 'phase'>): number => 2 * phase.attempts;

/** Limits of a run: the platform's, those that the project sets instead, and those of the kind of session. */
export function runLimits(
  config: Services['config'],
  kind: RunKind,
  settings: ProjectSettings,
  options: { whole_plan?: boolean } = {},
): RunLimits {
  const { run, context, phase, explore, sandbox } = config;
  const own = settings.limits ?? {};
  const base: RunLimits = {
    max_turns: run.max_turns,
    max_usd: run.max_usd,
    max_seconds: run.max_seconds,
    iteration_turns: run.iteration_turns,
    max_iterations: run.max_iterations,
    notice_at: run.notice_at,
    quiet_turns: run.quiet_turns,
    iteration_backoff: 0,
    compact_at_tokens: context.compact_at_tokens,
    idle_compact_at_tokens: context.idle_compact_at_tokens,
    cache_ttl_seconds: config.model.cache_ttl === '1h' ? 3600 : 300,
    release_after_seconds: sandbox.release_after,
    question_timeout_seconds: run.question_timeout,
    ...own,
  };
  if (kind === 'phase') {
    const attempts = options.whole_plan ? planAttempts(config) : phase.attempts;
    // A compact plan reads the code once and writes six sections.
    const [turns, seconds] = options.whole_plan ? [2 * phase.turns, 2 * phase.timeout] : [phase.turns, phase.timeout];
    return {
      ...base,
      max_iterations: attempts,
      iteration_turns: turns,
      iteration_seconds: seconds,
      iteration_backoff: phase.retry_backoff,
      max_turns: turns * attempts,
      max_seconds: seconds * attempts,
    };
  }
  // An answer without lines gets one more iteration.
  if (kind === 'explore')
    return {
      ...base,
      max_turns: explore.turns,
      iteration_turns: explore.turns,
      max_seconds: explore.timeout,
      max_iterations: 2,
    };
  if (kind === 'validation') return { ...base, max_iterations: Math.min(3, base.max_iterations) };
  return base;
}

/** The access that a project allows for the commands of its agents. */
export const networkOf = ({ network }: Pick<ProjectSettings, 'network'>): 'none' | 'registries' | 'full' =>
  network === 'full' || network === 'registries' ? network : 'none';

/** Whether work counts as done only in that state: the project's word, or else the platform's. */
export function requires(
  state: 'require_clean_git' | 'require_code_pushed' | 'require_pr_created',
  { task }: Pick<Services['config'], 'task'>,
  settings: ProjectSettings,
): boolean {
  const usual = {
    require_clean_git: task.require_clean_git,
    require_code_pushed: task.require_code_pushed,
    require_pr_created: task.require_pr_created,
  };
  return settings[state] ?? usual[state];
}

/**
 * What carries on a run. Work on tasks alone has a choice: plans, reviews, merges and questions need tools that are steps of
 * the platform's own loop.
 * @throws invalid_rule where the Claude Agent SDK has no provider that speaks its wire.
 */
export function runnerOf(
  { run }: Pick<Services['config'], 'run'>,
  { runner: own }: Pick<ProjectSettings, 'runner'>,
  { kind, mode, provider }: { kind: RunKind; mode: RunMode; provider: string },
): Runner {
  const runner = kind === 'task' && mode === 'implementation' ? (own ?? run.runner) : 'loop';
  if (runner !== 'loop' && provider !== 'anthropic')
    throw new AppError(
      'invalid_rule',
      `RUNNER is ${runner}, which needs MODEL_PROVIDER anthropic; this work has ${provider}. Change one of them, or the setting runner of the project, then retry the task.`,
    );
  return runner;
}
