import type { Delta } from './live-feed.ts';
import { settled, type Turn } from './tool-calls.ts';

/** Merges turns by number: a newer version of a turn replaces the known one. */
export function merged(known: Turn[], news: Turn[]): Turn[] {
  const byNumber = new Map([...known, ...news].map((turn) => [turn.turn, turn]));
  return [...byNumber.values()].sort((a, b) => a.turn - b.turn);
}

/**
 * The turn after which to read: the last one that can no longer change. The files of the newest turn arrive after its
 * calls.
 */
export function lastSettled(turns: Turn[]): number {
  const open = turns.slice(0, -2).find((turn) => !settled(turn));
  return (open?.turn ?? turns.at(-2)?.turn ?? 1) - 1;
}

/** Text of a turn while its model writes it. */
export type Draft = Omit<Delta, 'run_id'>;

/**
 * The text with its next piece. An answer that broke off is written anew, by a later try or by another model: its words go.
 * @param last number of the last stored turn. What comes late for it is not shown.
 */
export function withDelta(draft: Draft | undefined, { run_id: _, ...delta }: Delta, last: number): Draft | undefined {
  if (delta.turn <= last || (draft && (delta.turn < draft.turn || delta.try < draft.try))) return draft;
  const continues = draft?.turn === delta.turn && draft.try === delta.try && draft.model === delta.model;
  return continues ? { ...draft, text: draft.text + delta.text } : delta;
}
