import type { MemoryInput } from './contracts/memory.ts';
import { work } from './support/activities.ts';
import { ProgressReport } from './support/progress.ts';

/** Learns from one attempt at a task: its memory, the rules that follow from it, and what became of what it was given. */
export async function memoryWorkflow(input: MemoryInput): Promise<void> {
  const progress = new ProgressReport('learning');
  progress.set('running', 'learning from the attempt');
  await work.learnFromAttempt(input);
  progress.set('completed', 'stored');
}
