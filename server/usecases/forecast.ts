import { factsOf, priceText, type FoundModel } from '#workflows/domain/agent/models.ts';
import {
  afterSpending,
  assumed,
  assumedRange,
  forecastOf,
  leastSimilar,
  type Forecast,
} from '#workflows/domain/billing/forecast.ts';
import type { ScopeRef } from '#workflows/domain/billing/scopes.ts';
import type * as contracts from '../contracts/costs.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { toBudgetView, usd } from './views.ts';

/** Tasks of a feature whose plan is not made yet, where nothing similar is finished. */
const tasksOfFeature = 5;

type Of = 'task' | 'feature';

function explain(
  { basis, similar }: Forecast,
  { of, tasks, facts }: { of: Of; tasks: number; facts: FoundModel },
): string {
  const finished = `${similar} finished ${of}${similar === 1 ? '' : 's'}`;
  if (basis !== 'assumption')
    return `From ${finished} of ${basis === 'project' ? 'this project' : 'the organization'}: eight of ten times the cost is in this range.`;
  const known =
    similar === 0
      ? `No finished ${of} of this kind is known`
      : `Only ${finished} of this kind ${similar === 1 ? 'is' : 'are'} known`;
  const guess = facts.is_priced
    ? ''
    : ` The price of ${facts.id} is unknown, so the numbers guess it: ${priceText(facts)}. The operator sets it in model.prices.`;
  return `An assumption: ${tasks} task${tasks === 1 ? '' : 's'} of ${assumed.tokens_per_task} tokens. ${known}; ${leastSimilar} are needed for a range from experience.${guess}`;
}

/** Forecasts work before its launch, or what a spec at work will have cost at its end. */
export async function forecastCost(call: Call, input: Body<typeof contracts.forecastCost>) {
  const { services, organization_id } = call;
  const { store, config } = services;
  const spec = input.spec_id === undefined ? null : await store.specs.get(organization_id, input.spec_id);
  const project_id = spec?.project_id ?? input.project_id ?? null;
  if (project_id) await store.projects.get(organization_id, project_id);
  const model = input.model ?? config.model.name;

  const planned = spec ? await store.tasks.ofSpec(spec.id) : [];
  const open = planned.filter(({ status }) => !['completed', 'cancelled', 'failed'].includes(status)).length;
  const ended = spec !== null && spec.ended_at !== null;
  // Before its plan is made, a spec is a whole feature. Afterwards its tasks are known.
  const of: Of =
    input.tasks === undefined && planned.length === 0 && (spec || input.mode === 'spec_driven') ? 'feature' : 'task';
  const tasks = planned.length > 0 ? open : (input.tasks ?? (of === 'feature' ? tasksOfFeature : 1));

  const history = await store.costs.finished(organization_id, { project_id, task_type: input.task_type, kind: of });
  const forecast = forecastOf(history, of === 'feature' ? 1 : Math.max(1, tasks), () =>
    assumedRange(Math.max(1, tasks), model, config.model),
  );
  const spent = spec
    ? (await store.costs.summary(organization_id, { scope: { type: 'spec', id: spec.id } })).cost_micros
    : 0;
  const rest =
    ended || (of === 'task' && tasks === 0)
      ? { low: 0, mid: 0, high: 0 }
      : left(forecast, of === 'feature' ? spent : 0);
  const range = afterSpending(rest, spent);

  const scopes: ScopeRef[] = [
    { type: 'global', id: organization_id },
    ...(project_id ? [{ type: 'project', id: project_id } as const] : []),
    ...(spec ? [{ type: 'spec', id: spec.id } as const] : []),
  ];
  const check = await store.budgets.check(organization_id, scopes, rest.mid);
  const cap = check.budgets.find(({ scope_type }) => scope_type === 'spec');
  return {
    low: usd(range.low),
    mid: usd(range.mid),
    high: usd(range.high),
    low_micros: range.low,
    mid_micros: range.mid,
    high_micros: range.high,
    basis: forecast.basis,
    similar: forecast.similar,
    of,
    tasks,
    model,
    message: explain(forecast, { of, tasks: Math.max(1, tasks), facts: factsOf(model, config.model) }),
    assumptions: assumed,
    spent_micros: spent,
    limit_micros: cap ? cap.limit_micros : null,
    remaining_micros: cap ? Math.max(0, cap.limit_micros - cap.spent_micros) : null,
    refused_by: check.refused_by && toBudgetView(check.refused_by),
  };
}

/** What is left of a range of which a part is spent. */
const left = ({ low, mid, high }: Forecast, spent: number) => ({
  low: Math.max(0, low - spent),
  mid: Math.max(0, mid - spent),
  high: Math.max(0, high - spent),
});
