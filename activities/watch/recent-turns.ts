import { cutStart } from '#workflows/domain/text.ts';
import { cutText } from '../tools/support/cut-output.ts';

interface MadeTurn {
  turn: number;
  stop_reason: string;
  calls: { name: string; input: string; result: string | null; is_error: boolean }[];
}

/** Characters of all turns together, and of one input or result among them: about 7,000 tokens. */
const room = 24_000;
const roomOfPart = 1500;
const roomOfLine = 160;

/** The turns for a judge, oldest first: the newest with their whole calls, earlier ones in a line each once it is full. */
export function recentTurns(turns: MadeTurn[]): string[] {
  let left = room;
  const texts = turns.toReversed().map((turn) => {
    const whole = shown(turn, (text) => cutText(text, roomOfPart, { head: 0.5, hint: 'Not shown here.' }), '\n');
    const text =
      whole.length <= left ? whole : shown(turn, (part) => cutStart(part.split('\n')[0] ?? '', roomOfLine), ' ; ');
    left -= text.length;
    return text;
  });
  return texts.toReversed();
}

function shown({ turn, stop_reason: stop, calls }: MadeTurn, part: (text: string) => string, between: string): string {
  const made = calls.map(
    (call) => `${call.name} ${part(call.input)} -> ${call.is_error ? 'error: ' : ''}${part(call.result ?? '')}`,
  );
  return `turn ${turn}: ${made.join(between) || stop}`;
}
