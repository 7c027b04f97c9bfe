import { cutStart } from '#workflows/domain/text.ts';
import { cutText } from '../tools/support/cut-output.ts';

interface MadeTurn {
  turn: number;
  stop_reason: string;
  calls: { name: string; input: string; result: string | null; is_error: boolean }[];
}

/** Characters of all turns together, of one input, of one result, and of a part in one line: about 7,000 tokens. */
const room = 24_000;
const roomOfInput = 1500;
const roomOfResult = 600;
const roomOfLine = 160;

/** Tools whose result is text that was there before: it says nothing about the agent. */
const reading = new Set(['read_file', 'list_files', 'search_files', 'explore']);

const inLine = (text: string) => cutStart(text.split('\n')[0] ?? '', roomOfLine);
const cut = (text: string, length: number) => cutText(text, length, { head: 0.3, hint: 'Not shown here.' });

/**
 * The turns for a judge, oldest first: those since its last judgement with their whole calls, earlier ones in a line
 * each, and all others once the room is full.
 */
export function recentTurns(turns: MadeTurn[], judgedAt = 0): string[] {
  let left = room;
  const texts = turns.toReversed().map((turn) => {
    const whole = turn.turn > judgedAt ? wholeTurn(turn) : undefined;
    const text = whole !== undefined && whole.length <= left ? whole : shown(turn, inLine, inLine, ' ; ');
    left -= text.length;
    return text;
  });
  return texts.toReversed();
}

const wholeTurn = (turn: MadeTurn): string =>
  shown(
    turn,
    (input) => cut(input, roomOfInput),
    (result, { name, is_error }) => (reading.has(name) && !is_error ? inLine(result) : cut(result, roomOfResult)),
    '\n',
  );

function shown(
  { turn, stop_reason: stop, calls }: MadeTurn,
  input: (text: string) => string,
  result: (text: string, call: MadeTurn['calls'][number]) => string,
  between: string,
): string {
  const made = calls.map(
    (call) =>
      `${call.name} ${input(call.input)} -> ${call.is_error ? 'error: ' : ''}${result(call.result ?? '', call)}`,
  );
  return `turn ${turn}: ${made.join(between) || stop}`;
}
