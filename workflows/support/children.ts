import { ParentClosePolicy, type ChildWorkflowOptions } from '@temporalio/workflow';
import type { AgentInput } from '../contracts/run.ts';
import type { RunKind } from '../domain/agent/run.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import type { PreparedRun } from '../contracts/work.ts';

export interface Family {
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id?: string | null;
}

/** Seconds a workflow task may take before another worker gets it: a dead worker is noticed that fast. */
const workflowTaskTimeout = '3s';

/** Options of every child: found by whose work it is, and asked to end when its parent does. */
export function childOptions(
  family: Family,
  own: { ticket?: string; task?: string; phase?: string } = {},
): Pick<ChildWorkflowOptions, 'typedSearchAttributes' | 'parentClosePolicy' | 'workflowTaskTimeout'> {
  const pairs = [
    { key: searchAttributes.org, value: family.organization_id },
    { key: searchAttributes.project, value: family.project_id },
    { key: searchAttributes.spec, value: family.spec_id },
    { key: searchAttributes.ticket, value: own.ticket ?? family.ticket_id },
    { key: searchAttributes.task, value: own.task },
    { key: searchAttributes.phase, value: own.phase },
  ];
  return {
    typedSearchAttributes: pairs.flatMap(({ key, value }) => (value ? [{ key, value }] : [])),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    workflowTaskTimeout,
  };
}

export function agentInput(family: Family, taskId: string | null, prepared: PreparedRun, kind: RunKind): AgentInput {
  return {
    run_id: prepared.run_id,
    organization_id: family.organization_id,
    project_id: family.project_id,
    spec_id: family.spec_id,
    ticket_id: family.ticket_id ?? null,
    task_id: taskId,
    kind,
    sandbox_queue: prepared.sandbox_queue,
    limits: prepared.limits,
  };
}
