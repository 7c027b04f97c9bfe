import { styleText } from 'node:util';
import type { Retrying } from '#workflows/domain/retrying.ts';
import { cutStart } from '#workflows/domain/text.ts';

type Style = Parameters<typeof styleText>[0];

const tty = process.stdout.isTTY === true;

/** Colour on a terminal, plain text elsewhere. */
export const paint = (style: Style, text: string) => (tty ? styleText(style, text) : text);

/** The colours of `paint`, and characters that act on a terminal instead of being shown on it. */
const controls =
  // eslint-disable-next-line no-control-regex
  /\x1b\[(?:[12]|22|3\d|9[0-7])m|\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Text as it may reach a terminal: stored text must not move its cursor, set its title or reverse its lines. */
export const harmless = (text: string): string =>
  text.replace(controls, (found) => {
    if (found.length > 1) return tty ? found : `␛${found.slice(1)}`;
    const code = found.charCodeAt(0);
    // Also valid inside a text of JSON, where the lower ones never occur.
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\u${code.toString(16).padStart(4, '0')}`;
  });

/** Prints a line. Every command prints by this. */
export const say = (text: string): void => console.log(harmless(text));

/** A step that is retried, as a line; no line when none is. */
export const retryingLines = (retrying: Retrying | null): string[] =>
  retrying
    ? [
        `${retrying.step} failed and is tried again at ${retrying.next_try_at.slice(11, 19)} UTC (try ${retrying.attempt}): ${retrying.error}`,
      ]
    : [];

/** A log of lines above a status that is redrawn in place. */
export class Screen {
  private drawn = 0;
  private status: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private spin = 0;

  /** Starts to redraw the status several times a second; does nothing without a terminal. */
  live(render: (frame: string) => string[]): void {
    if (!tty) return;
    const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
    this.timer = setInterval(() => {
      this.spin += 1;
      this.show(render(frames.charAt(this.spin % frames.length)));
    }, 120);
  }

  line(text: string): void {
    this.erase();
    say(text);
    this.draw();
  }

  private show(status: string[]): void {
    this.erase();
    this.status = status;
    this.draw();
  }

  private erase(): void {
    if (this.drawn > 0) process.stdout.write(`\x1b[${this.drawn}A\x1b[0J`);
    this.drawn = 0;
  }

  private draw(): void {
    if (!tty || this.status.length === 0) return;
    const width = process.stdout.columns || 80;
    const cut = this.status.map((line) => (visible(line).length > width ? `${cutStart(line, width - 1)}…` : line));
    process.stdout.write(`${harmless(cut.join('\n'))}\n`);
    this.drawn = cut.length;
  }

  end(): void {
    clearInterval(this.timer);
    this.erase();
    this.status = [];
  }
}

// eslint-disable-next-line no-control-regex
const visible = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, '');

export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${paint('yellow', '━'.repeat(full))}${paint('dim', '━'.repeat(width - full))}`;
}

/** Formats milliseconds as 1h 04m, 3m 20s or 12s. */
export function duration(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${String(s % 60).padStart(2, '0')}s`;
  return `${Math.floor(s / 3600)}h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}m`;
}

export const money = (micros: number) =>
  micros < 1e6 ? `$${(micros / 1e6).toFixed(4)}` : `$${(micros / 1e6).toFixed(2)}`;

/** A table with aligned columns; an empty cell is shown as `-`. */
export function table(rows: (string | number | null | undefined)[][]): string {
  const text = rows.map((row) => row.map((cell) => harmless(String(cell ?? '-')).replaceAll('\n', ' ')));
  const widths = (text[0] ?? []).map((_, i) => Math.max(...text.map((row) => visible(row[i] ?? '').length)));
  return text
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - visible(cell).length)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
