import { nightOfTicket } from '#workflows/domain/agent/night-terms.ts';
import type { raiseRoles } from '../contracts/budgets.ts';
import type { PersonalPreferences } from '#workflows/domain/access/preferences.ts';
import type { Retrying } from '#workflows/domain/retrying.ts';
import { allowedMoves } from '#workflows/domain/tasks/ticket-moves.ts';
import { roleOfPhase } from '#workflows/domain/tasks/analysis.ts';
import type { BudgetPeriod } from '#workflows/domain/billing/periods.ts';
import type { BudgetRow } from '#prisma/store/reservations.ts';
import type { SurveyView } from '#prisma/store/json.ts';
import type { Project } from '#prisma/store/projects.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Discovery } from '#prisma/store/discoveries.ts';
import type { Message } from '#prisma/store/messages.ts';
import type { Organization, User } from '#prisma/store/identity.ts';
import type { ListedRun } from '#prisma/store/runs.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Ticket } from '#prisma/store/tickets.ts';

/** Rows as the REST interface shows them: times in ISO 8601, without internal columns. */
export const iso = (date: Date | null | undefined): string | null => date?.toISOString() ?? null;
export const at = (date: Date) => date.toISOString();
export const usd = (micros: number) => micros / 1e6;
type Json = Record<string, unknown>;

export const toUserView = (user: User) => ({
  id: user.id,
  email: user.email,
  full_name: user.full_name,
  department: user.department,
  is_active: user.is_active,
  is_verified: user.is_verified,
  is_super_admin: user.is_super_admin,
  avatar_url: user.avatar_url,
  attributes: user.attributes as Json,
  preferences: { version: 0, ...(user.preferences as Partial<PersonalPreferences>) },
  waitlist_status: user.waitlist_status,
  created_at: at(user.created_at),
});

export const toOrganizationView = (o: Organization) => ({
  id: o.id,
  name: o.name,
  slug: o.slug,
  description: o.description,
  billing_email: o.billing_email,
  settings: o.settings as Json,
  plan: o.plan,
  owner_id: o.owner_id,
  max_concurrent_agents: o.max_concurrent_agents,
  max_agent_runtime_hours: o.max_agent_runtime_hours,
  created_at: at(o.created_at),
  archived_at: iso(o.archived_at),
});

export const toProjectView = (p: Project) => ({
  id: p.id,
  organization_id: p.organization_id,
  name: p.name,
  description: p.description,
  repository: { path: p.repository_path, url: p.repository_url },
  default_branch: p.default_branch,
  settings: { ...p.settings },
  status: p.status,
  autonomous_execution_enabled: p.autonomous_execution_enabled,
  created_at: at(p.created_at),
});

export const toEnvironmentView = (survey: SurveyView | null, retrying: Retrying | null) => ({
  state: survey?.state ?? ('none' as const),
  step: survey?.step ?? '',
  retrying,
  base_sha: survey?.base_sha ?? null,
  roots: survey?.roots ?? [],
  shown: survey?.shown ?? [],
  error: survey?.error ?? null,
  started_at: iso(survey?.started_at),
  ended_at: iso(survey?.ended_at),
});

export const toTicketView = (t: Ticket) => ({
  id: t.id,
  project_id: t.project_id,
  spec_id: t.spec_id,
  number: t.number,
  key: t.key,
  local_id: t.local_id,
  title: t.title,
  description: t.description,
  status: t.status,
  phase_id: t.phase_id,
  priority: t.priority,
  workflow_mode: t.workflow_mode,
  is_blocked: t.is_blocked,
  blocked_reason: t.blocked_reason,
  blocked_kind: t.blocked_kind,
  blocked_actor: t.blocked_actor,
  validation_feedback: t.validation_feedback,
  approval_status: t.approval_status,
  approval_deadline_at: iso(t.approval_deadline_at),
  rejection_reason: t.rejection_reason,
  allowed_statuses: [...allowedMoves(t)],
  needs_review: t.needs_review,
  running_agents: 0,
  pull_request: null as { id: string; number: number; state: string } | null,
  last_error: t.last_error,
  blocked_by: t.blocked_by,
  duplicate_of: t.duplicate_of,
  merged_into: t.merged_into,
  branch: t.branch,
  base_branch: t.base_branch,
  night: nightOfTicket(t),
  created_at: at(t.created_at),
  updated_at: at(t.updated_at),
});

export const toTaskView = (t: Task) => ({
  id: t.id,
  project_id: t.project_id,
  ticket_id: t.ticket_id,
  spec_id: t.spec_id,
  number: t.number,
  key: t.key,
  local_id: t.local_id,
  task_type: t.task_type,
  title: t.title,
  description: t.description,
  phase_id: t.phase_id,
  role: roleOfPhase(t.phase_id),
  priority: t.priority,
  status: t.status,
  waiting_for: t.waiting_for,
  waiting_reason: t.waiting_reason,
  score: t.score,
  depends_on: t.depends_on,
  required_count: t.required_count,
  sync_deadline_at: iso(t.sync_deadline_at),
  merge_strategy: t.merge_strategy,
  owned_files: t.owned_files,
  criteria: t.criteria,
  requirements: t.requirements,
  required_capabilities: t.required_capabilities,
  attempt: t.attempt,
  retry_count: t.retry_count,
  max_retries: t.max_retries,
  parent_task_id: t.parent_task_id,
  discovery_id: t.discovery_id,
  run_id: t.run_id,
  sandbox_id: t.sandbox_id,
  branch: t.branch,
  base_sha: t.base_sha,
  head_sha: t.head_sha,
  analysis: t.analysis,
  execution_config: t.execution_config,
  synthesis_context: t.synthesis_context,
  validation_enabled: t.validation_enabled,
  validation_iteration: t.validation_iteration,
  last_validation_feedback: t.last_validation_feedback,
  result: t.result,
  error_message: t.error_message,
  timeout_seconds: t.timeout_seconds,
  deadline_at: iso(t.deadline_at),
  estimated_hours: t.estimated_hours,
  created_at: at(t.created_at),
  started_at: iso(t.started_at),
  ended_at: iso(t.ended_at),
});

export const toRunView = (r: ListedRun) => {
  const input = r.input_tokens + r.cache_read_tokens + r.cache_write_tokens;
  return {
    id: r.id,
    kind: r.kind,
    mode: r.mode,
    phase: r.phase,
    status: r.status,
    waiting_for: r.waiting_for,
    waiting_reason: r.waiting_reason,
    next_wake_at: iso(r.next_wake_at),
    title: r.title,
    goal: r.goal,
    project_id: r.project_id,
    spec_id: r.spec_id,
    ticket_id: r.ticket_id,
    task_id: r.task_id,
    attempt: r.attempt,
    turn: r.turn,
    iteration: r.iteration,
    epoch: r.epoch,
    provider: r.provider,
    scripted: r.provider === 'rehearsal',
    model: r.model,
    runner: r.settings.runner ?? ('loop' as const),
    sandbox_id: r.sandbox_id,
    branch: r.branch,
    base_sha: r.base_sha,
    head_sha: r.head_sha,
    stop_reason: r.stop_reason,
    error_message: r.error_message,
    usage: {
      input_tokens: r.input_tokens,
      output_tokens: r.output_tokens,
      cache_read_tokens: r.cache_read_tokens,
      cache_write_tokens: r.cache_write_tokens,
    },
    cost_micros: r.cost_micros,
    cost_usd: usd(r.cost_micros),
    cache_hit_rate: input > 0 ? r.cache_read_tokens / input : null,
    alignment: r.alignment,
    todo: r.todo,
    limits: { ...r.limits },
    outcome: r.outcome,
    caller_run_id: r.caller_run_id,
    continues: r.settings.continues ?? null,
    forked_from: r.forked_from_run_id ? { run_id: r.forked_from_run_id, turn: r.forked_from_turn ?? 0 } : null,
    created_at: at(r.created_at),
    started_at: iso(r.started_at),
    ended_at: iso(r.ended_at),
  };
};

export const toMessageView = (m: Message) => ({
  id: m.id,
  kind: m.kind,
  rank: m.rank,
  steer_kind: m.steer_kind,
  content: m.content,
  actor: m.actor,
  status: m.refused_reason
    ? ('refused' as const)
    : m.delivered_at_turn === null
      ? ('queued' as const)
      : ('delivered' as const),
  delivered_at_turn: m.delivered_at_turn,
  delivered_at: iso(m.delivered_at),
  refused_reason: m.refused_reason,
  lifted_at: iso(m.lifted_at),
  created_at: at(m.created_at),
});

export const toDiscoveryView = (d: Discovery) => ({
  id: d.id,
  ticket_id: d.ticket_id,
  source_task_id: d.source_task_id,
  source_run_id: d.source_run_id,
  discovery_type: d.discovery_type,
  title: d.title,
  description: d.description,
  priority: d.priority,
  priority_boost: d.priority_boost,
  spawn_phase_id: d.spawn_phase_id,
  blocking: d.blocking,
  spawned_task_ids: d.spawned_task_ids,
  depth: d.depth,
  resolution_status: d.resolution_status,
  duplicate_of: d.duplicate_of,
  capped_reason: d.capped_reason,
  metadata: d.metadata as Json,
  discovered_at: at(d.discovered_at),
  resolved_at: iso(d.resolved_at),
});

export const toPullRequestView = (p: PullRequest) => ({
  id: p.id,
  number: p.number,
  title: p.title,
  body: p.body,
  branch: p.branch,
  base: p.base,
  base_sha: p.base_sha,
  head_sha: p.head_sha,
  state: p.state,
  url: p.url,
  provider: p.provider,
  project_id: p.project_id,
  spec_id: p.spec_id,
  ticket_id: p.ticket_id,
  checks: p.checks,
  host_checks: p.host_checks.filter(({ sha }) => sha === p.head_sha),
  comments: p.comments,
  draft: p.state === 'open' ? (p.host_state.draft ?? null) : null,
  merge: p.state === 'open' ? (p.host_state.merge ?? null) : null,
  merge_sha: p.merge_sha,
  merged_by: p.merged_by,
  created_at: at(p.created_at),
  merged_at: iso(p.merged_at),
});

export const toBudgetView = (b: BudgetRow) => ({
  id: b.id,
  scope_type: b.scope_type,
  scope_id: b.scope_id,
  limit_amount: usd(b.limit_micros),
  spent_amount: usd(b.spent_micros),
  held_amount: usd(b.held_micros),
  remaining_amount: usd(Math.max(0, b.limit_micros - b.spent_micros)),
  alert_threshold: b.alert_threshold,
  period: b.period as BudgetPeriod | null,
  period_end: b.period_end,
  warned_at: b.warned_at,
  critical_at: b.critical_at,
  exceeded_at: b.exceeded_at,
  raise_role: b.raise_role as (typeof raiseRoles)[number],
});

export const toPageView = <T, V>(page: { items: T[]; next_cursor: string | null }, view: (item: T) => V) => ({
  items: page.items.map(view),
  next_cursor: page.next_cursor,
});
/** A filter by state: one state, or several separated by commas. */
export const anyOf = (status: string | undefined) => (status?.includes(',') ? { in: status.split(',') } : status);
