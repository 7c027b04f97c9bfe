import type { SpecInput } from './contracts/spec.ts';
import { SpecLoop, type SpecResult } from './spec/loop.ts';

/** One feature, from its description to its pull request. */
export async function specWorkflow(input: SpecInput): Promise<SpecResult> {
  return new SpecLoop(input).untilDone();
}
