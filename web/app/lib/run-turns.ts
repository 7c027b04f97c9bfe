import { settled, type Turn } from './tool-calls.ts';

/** Turns by number: one that comes again takes the place of what was known of it. */
export function merged(known: Turn[], news: Turn[]): Turn[] {
  const byNumber = new Map([...known, ...news].map((turn) => [turn.turn, turn]));
  return [...byNumber.values()].sort((a, b) => a.turn - b.turn);
}

/** The turn after which reading begins: the last that can change no more. Files of the newest come after its calls. */
export function lastSettled(turns: Turn[]): number {
  const open = turns.slice(0, -2).find((turn) => !settled(turn));
  return (open?.turn ?? turns.at(-2)?.turn ?? 1) - 1;
}
