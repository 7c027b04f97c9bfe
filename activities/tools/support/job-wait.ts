/** Exit code of "job wait" for a job that has not ended yet. */
export const stillRuns = 124;

/** Whether a command only waits for a job of the sandbox. */
export const waitsForJob = (command: string): boolean => /^\s*job\s+wait\s+\S+(?:\s+\d+)?\s*$/.test(command);

/** The command of a bash call, from its input as JSON. */
export function commandOf(input: string): string {
  try {
    return String((JSON.parse(input) as { command?: unknown }).command ?? '');
  } catch {
    return '';
  }
}
