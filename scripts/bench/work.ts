import { call } from '#tests/support/scripts.ts';
import type { ToolUse } from '#tests/support/played-model.ts';

/** The work of a turn: `read` reads a file of 4 kB; `edit` changes a line of a file and runs a command. */
export type Work = 'read' | 'edit';

export const noteFiles = (turns: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: turns }, (_, n) => [`notes/${n}.txt`, `${n} ${'x'.repeat(79)}\n`.repeat(50).slice(0, 4096)]),
  );

export const filesOf = (work: Work, turns: number): Record<string, string> =>
  work === 'read' ? noteFiles(turns) : { 'log.txt': `turn 0;\n${'The log of the work.\n'.repeat(50)}` };

export const callsOf = (work: Work, step: number): ToolUse[] =>
  work === 'read'
    ? [call('read_file', { path: `notes/${step}.txt` })]
    : [
        call('edit_file', { path: 'log.txt', old_text: `turn ${step};`, new_text: `turn ${step + 1};` }),
        call('bash', { command: 'head -n 1 log.txt' }),
      ];
