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
