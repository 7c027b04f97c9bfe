import { ParentClosePolicy, type ChildWorkflowOptions } from '@temporalio/workflow';
import type { AgentInput } from '../contracts/run.ts';
import type { RunKind } from '../domain/agent/run.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import type { PreparedRun, Scope } from '../contracts/work.ts';

/** Seconds a workflow task may take before another worker gets it: a dead worker is noticed that fast. */
const workflowTaskTimeout = '3s';

/** Options of every child: operators find it by its scope, and it is asked to end when its parent does. */
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
  };
}
