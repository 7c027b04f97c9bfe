import type { WipLimits } from '#workflows/domain/tasks/columns.ts';
import type { EarsWords } from '#workflows/domain/requirements/words.ts';
import type { RunLimits } from '#workflows/domain/agent/run.ts';
import type { ChosenRunner } from '#workflows/domain/agent/runners.ts';
import type { PlanKind } from '#workflows/domain/phases/gate-policy.ts';
import type { OwnershipMode } from '#workflows/domain/tasks/ownership.ts';

/** What a sandbox is made from. */
export type SandboxOrigin = { image: string } | { snapshot: string };

/** The settings of a project, as the REST interface accepts them. */
export interface ProjectSettings {
  /** Commands that prepare a checkout. `checks`: commands that check it. Absent: derived from the project's files. */
  setup?: string[];
  checks?: string[];
  network?: 'none' | 'setup' | 'registries' | 'full';
  /** Whether an agent may change files that the plan gives to another task at work; absent: lenient, it is warned. */
  ownership?: OwnershipMode;
  /** Limits of a survey, in seconds: of all set-up commands of a root, of one check, and of everything. */
  survey?: { setup_seconds?: number; check_seconds?: number; total_seconds?: number };
  limits?: Partial<Pick<RunLimits, 'max_turns' | 'max_usd' | 'max_seconds' | 'iteration_turns' | 'max_iterations'>>;
  /** What carries on the runs of tasks; absent: as `run.runner` says. */
  runner?: ChosenRunner;
  /** What the project's sandboxes are made from; absent or null: as the platform's settings say. */
  sandbox?: SandboxOrigin | null;
  /** `none`: tasks are not reviewed by a validator. */
  validation?: string;
  merge_method?: 'merge' | 'squash';
  /** New tickets wait for a person's approval before anything of them runs. */
  ticket_human_review?: boolean;
  /** Absent or null: as the platform's settings say. */
  approval_timeout_seconds?: number | null;
  /** Absent: archive, which keeps it as cancelled. */
  on_reject?: 'delete' | 'archive';
  /** So many tickets are in a column of the board at most; null: any number. Absent: as the platform's settings say. */
  wip_limits?: WipLimits;
  /** The code host merges by itself what somebody merges before its rules allow it. */
  merge_when_ready?: boolean;
  /** `false`: the tasks of a plan wait until a person retries the spec. */
  auto_spawn_tasks?: boolean;
  /** Whether tickets without a mode are planned by people; absent: false. */
  spec_driven_mode_enabled?: boolean;
  /** Gate policies of launches that name none; absent: true and false. */
  auto_advance_phases?: boolean;
  require_approval_gates?: boolean;
  /** The lowest score that passes a gate. It counts only where it is above the platform's. */
  gate_threshold?: number;
  /** Roles that may decide at a gate. */
  gate_approvers?: string[];
  /** How the project words requirements beside English. */
  requirement_words?: EarsWords;
  /** How features are planned whose launch does not say it; absent: full. */
  plan?: PlanKind;
  /** Agents commit all their work themselves; absent: as `task.require_clean_git` says. */
  require_clean_git?: boolean;
  /** A task is done once its repository has its commits; absent: as `task.require_code_pushed` says. */
  require_code_pushed?: boolean;
  /** Fixes of a failed task that begin by themselves; absent: as `task.fix_rounds` says. */
  fix_rounds?: number;
  /** Tickets of which nothing can go on are diagnosed; absent: as `diagnostic.enabled` says. */
  diagnostics?: boolean;
  /** Work begins by itself after a diagnosis; absent: as `diagnostic.auto_recover` says. */
  auto_recover?: boolean;
  /** Work is done with its pull request; absent: as `task.require_pr_created` says. */
  require_pr_created?: boolean;
}
