import type { Item } from '#server/contracts/client.ts';
import type { runEvents } from '#server/contracts/runs.ts';
import { nightActor } from '#workflows/domain/billing/night.ts';

type RunEvent = Pick<Item<typeof runEvents>, 'seq' | 'at' | 'data'>;

/** The limits of a run were raised: by a person, or by the night policy, which says by how much. */
export interface RaisedLimits {
  seq: number;
  at: string;
  by: string;
  turns: number;
  seconds: number;
  micros: number;
  /** What the night policy has added. */ added_micros?: number;
}

export function raisesIn(events: readonly RunEvent[]): RaisedLimits[] {
  return events.map(({ seq, at, data }) => ({
    seq,
    at,
    by: String(data.by),
    turns: Number(data.max_turns),
    seconds: Number(data.max_seconds),
    micros: Math.round(Number(data.max_usd) * 1e6),
    ...(data.by === nightActor ? { added_micros: Number(data.raised_micros) } : {}),
  }));
}

/** Raises by the turn after which they came; 0 for those before the first of these turns. */
export function raisesByTurn(
  turns: readonly { turn: number; started_at: string }[],
  raises: readonly RaisedLimits[],
): Map<number, RaisedLimits[]> {
  const found = new Map<number, RaisedLimits[]>();
  for (const raise of raises) {
    const turn = turns.findLast(({ started_at: at }) => Date.parse(at) <= Date.parse(raise.at))?.turn ?? 0;
    found.set(turn, [...(found.get(turn) ?? []), raise]);
  }
  return found;
}
