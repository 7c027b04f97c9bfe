import { ParentClosePolicy, type ChildWorkflowOptions } from '@temporalio/workflow';
import type { AgentInput } from '../contracts/run.ts';
import type { RunKind } from '../domain/agent/run.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import type { PreparedRun, Scope } from '../contracts/work.ts';

/** Time limit of a workflow task before another worker gets it. It is short so that a dead worker is noticed soon. */
const workflowTaskTimeout = '3s';

/** Options of every child workflow: search attributes for operators, and cancellation when the parent ends. */
export function childOptions(
  scope: Scope,
  extra: { ticket?: string; task?: string; phase?: string } = {},
): Pick<ChildWorkflowOptions, 'typedSearchAttributes' | 'parentClosePolicy' | 'workflowTaskTimeout'> {
  const pairs = [
    { key: searchAttributes.org, value: scope.organization_id },
    { key: searchAttributes.project, value: scope.project_id },
    { key: searchAttributes.spec, value: scope.spec_id },
    { key: searchAttributes.ticket, value: extra.ticket ?? scope.ticket_id },
    { key: searchAttributes.task, value: extra.task },
    { key: searchAttributes.phase, value: extra.phase },
  ];
  return {
    typedSearchAttributes: pairs.flatMap(({ key, value }) => (value ? [{ key, value }] : [])),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    workflowTaskTimeout,
  };
}

/** The input of `agentWorkflow` for a prepared run. */
export function agentInput(scope: Scope, taskId: string | null, prepared: PreparedRun, kind: RunKind): AgentInput {
  return {
    run_id: prepared.run_id,
    organization_id: scope.organization_id,
    project_id: scope.project_id,
    spec_id: scope.spec_id,
    ticket_id: scope.ticket_id ?? null,
    task_id: taskId,
    kind,
    sandbox_queue: prepared.sandbox_queue,
    limits: prepared.limits,
    start_turn: prepared.start_turn,
    ...(prepared.elsewhere ? { elsewhere: true as const } : {}),
  };
}
