import { randomUUID } from 'node:crypto';
import type { RunLimits } from '#workflows/domain/agent/run.ts';
import { tellNewRun } from './agent-messages.ts';
import { followWork } from './agent-moves.ts';
import type { StoreCore, Transaction } from './core.ts';
import { asJson, runRow, type Run, type RunSettings, type RunTerms } from './json.ts';

export interface NewRun {
  id?: string;
  organization_id: string;
  project_id: string;
  spec_id?: string | null;
  ticket_id?: string | null;
  task_id?: string | null;
  agent_id?: string | null;
  kind: string;
  mode: string;
  phase?: string | null;
  attempt: number;
  title: string;
  provider: string;
  model: string;
  sandbox_id: string;
  branch: string;
  base_sha: string;
  /** Commit that the branch starts from. `head_sha`: commit with the run's files. The base is the default of both. */
  start_sha?: string;
  head_sha?: string;
  opening: string;
  system_prompt: string;
  tools: string;
  goal: string;
  limits: RunLimits;
  settings?: RunSettings;
  terms: RunTerms;
  sandbox_host?: string | null;
  max_usd: number;
  caller_run_id?: string;
  forked_from_run_id?: string;
  forked_from_turn?: number;
}

/** Inserts the run and its own budget. A repeated call with the same id changes nothing. */
export async function insertRun(
  tx: Transaction,
  emit: Parameters<Parameters<StoreCore['change']>[0]>[1],
  run: NewRun,
): Promise<Run> {
  const { max_usd: maxUsd, ...fields } = run;
  const id = run.id ?? randomUUID();
  const known = await tx.run.findUnique({ where: { id } });
  if (known) return runRow(known);
  const row = await tx.run.create({
    data: {
      ...fields,
      id,
      limits: asJson(run.limits),
      settings: asJson(run.settings ?? {}),
      terms: asJson(run.terms),
      start_sha: run.start_sha ?? run.base_sha,
      head_sha: run.head_sha ?? run.start_sha ?? run.base_sha,
    },
  });
  await tx.budget.create({
    data: {
      id: randomUUID(),
      organization_id: run.organization_id,
      scope_type: 'run',
      scope_id: id,
      limit_micros: BigInt(Math.round(maxUsd * 1e6)),
    },
  });
  emit({
    type: 'run.created',
    organization_id: run.organization_id,
    project_id: run.project_id,
    entity: { kind: 'run', id },
    data: {
      run_id: id,
      kind: run.kind,
      mode: run.mode,
      title: run.title,
      spec_id: run.spec_id ?? null,
      ticket_id: run.ticket_id ?? null,
      task_id: run.task_id ?? null,
      phase: run.phase ?? null,
      attempt: run.attempt,
    },
  });
  await followWork(tx, emit, run.organization_id, run.agent_id);
  await tellNewRun(tx, emit, row);
  return runRow(row);
}
