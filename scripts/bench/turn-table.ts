import { table } from './numbers.ts';
import type { TurnCost } from './turns.ts';

export interface TurnRow {
  name: string;
  cost: TurnCost;
}

const columns: [string, (cost: TurnCost) => number | null | undefined][] = [
  ['turns', (cost) => cost.turns],
  ['ms/turn', (cost) => cost.ms_per_turn],
  ['last 50', (cost) => cost.ms_per_turn_late],
  ['CPU ms/turn', (cost) => cost.cpu_ms_per_turn],
  ['stored B/turn', (cost) => cost.stored_bytes_per_turn],
  ['history B/turn', (cost) => cost.history_bytes_per_turn],
  ['identical prefix', (cost) => cost.identical_prefix],
  ['kept prefix', (cost) => cost.kept_prefix],
  ['compactions', (cost) => cost.compactions],
];

export const turnTable = (rows: TurnRow[]): string =>
  table([
    ['', ...columns.map(([title]) => title)],
    ...rows.map(({ name, cost }) => [name, ...columns.map(([, of]) => String(of(cost) ?? '-'))]),
  ]);
