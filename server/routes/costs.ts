import * as contracts from '../contracts/costs.ts';
import { sendCsv } from '../http/csv.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/costs.ts';
import { forecastCost } from '../usecases/forecast.ts';

const tokens = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'];
const recordColumns = [
  ...['created_at', 'id', 'kind', 'provider', 'model'],
  ...['project_id', 'spec_id', 'ticket_id', 'task_id', 'run_id', 'sandbox_id', 'phase'],
  ...tokens,
  ...['total_tokens', 'input_cost', 'output_cost', 'total_cost'],
];

const groupColumns = ['key', 'label', 'calls', ...tokens, 'total_cost'];

export const costRoutes = [
  route(contracts.costRecords, ({ query }, call) => usecases.costRecords(call, query)),
  route(contracts.costRecordsCsv, async ({ query }, call, { res }) => {
    await sendCsv(res, 'costs', recordColumns, await usecases.allCostRecords(call, query));
    return undefined;
  }),
  route(contracts.costSummary, ({ query }, call) => usecases.costSummary(call, query)),
  route(contracts.costSummaryCsv, async ({ query }, call, { res }) => {
    const { groups } = await usecases.costSummary(call, query);
    await sendCsv(res, `costs-by-${query.group_by}`, groupColumns, groups);
    return undefined;
  }),
  route(contracts.forecastCost, ({ body }, call) => forecastCost(call, body)),
];
