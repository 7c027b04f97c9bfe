import { stripVTControlCharacters } from 'node:util';

/** Control characters except tab and newline. */
const CONTROL = /[^\P{Cc}\t\n]/gu;

/**
 * The text that a terminal would show in the end: without colours and cursor movements, and only with the last state
 * of a line that was redrawn (progress bars, spinners).
 */
export function terminalText(raw: string): string {
  return stripVTControlCharacters(raw)
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map(lastState)
    .join('\n')
    .replaceAll('\0', '\n') // names separated by NUL (find -print0) stay apart
    .replace(CONTROL, '');
}

function lastState(line: string): string {
  const redrawn = line.includes('\r') ? (line.split('\r').findLast((part) => part.trim() !== '') ?? '') : line;
  return redrawn.includes('\b') ? eraseBackwards(redrawn) : redrawn;
}

function eraseBackwards(line: string): string {
  const kept: string[] = [];
  for (const character of line) {
    if (character === '\b') kept.pop();
    else kept.push(character);
  }
  return kept.join('');
}

/** True for binary output, which would only cost tokens. */
export function isNoise(text: string): boolean {
  const sample = text.slice(0, 4096);
  const broken = sample.match(/[\uFFFD]/g)?.length ?? 0;
  return sample.length >= 64 && broken > sample.length * 0.2;
}
