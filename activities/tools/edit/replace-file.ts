import { SandboxError } from '../../ports/sandbox.ts';
import { diagnosticsOf } from '../support/diagnostics.ts';
import { hashOf } from '../support/file-text.ts';
import type { EditPlan, ToolContext, ToolResult } from '../support/tool.ts';
import { ownershipWarning } from './ownership-warning.ts';
import { filterRefusal, storingFilter } from '../support/stored-by-filter.ts';
import { ToolFailure } from '../support/tool-failure.ts';

/** The file's bytes; undefined when the file does not exist. */
export async function currentBytes({ sandbox }: ToolContext, path: string): Promise<Buffer | undefined> {
  try {
    return await sandbox.port.readFile(sandbox.id, path);
  } catch (error) {
    if (error instanceof SandboxError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/**
 * Replaces a file once, however often the call is tried. The plan is stored first, so that a try after a crash finds
 * out by the file's hash whether the replacement happened.
 */
export async function replaceFile(
  context: ToolContext,
  path: string,
  before: Buffer | undefined,
  after: Buffer,
  reply: string,
): Promise<ToolResult> {
  const filter = before && storingFilter(before);
  if (filter && storingFilter(after) !== filter)
    throw new ToolFailure('failed', `Nothing was written. ${filterRefusal(path, filter)}`);
  const warning = await ownershipWarning(context, path);
  const plan: EditPlan = { path, before: before ? hashOf(before) : null, after: hashOf(after), reply: reply + warning };
  await context.savePlan(plan);
  await context.sandbox.port.writeFile(context.sandbox.id, path, after);
  return replaced(context, plan);
}

/**
 * The result of an earlier try of this call: its reply when the file is as planned, undefined when the file was not
 * written yet.
 * @throws ToolFailure when the file matches neither state, because another writer changed it meanwhile.
 */
export async function finishedBefore(
  context: ToolContext,
  path: string,
  current: Buffer | undefined,
): Promise<ToolResult | undefined> {
  const { plan } = context;
  if (!plan) return undefined;
  const hash = current ? hashOf(current) : null;
  if (hash === plan.after) return replaced(context, plan);
  if (hash === plan.before) return undefined;
  throw new ToolFailure(
    'conflict',
    `${path} was changed by something else while this call was being repeated after a fault; whether the call took effect before that is not known. Call read_file on it, then make the change if it is still missing.`,
  );
}

/**
 * A model that had seen the whole file before the call still knows it. After an edit of a file that it had not read,
 * or had read in an older state, a later write_file over it is refused.
 */
async function replaced(context: ToolContext, { path, before, after, reply }: EditPlan): Promise<ToolResult> {
  const seen = await context.lastView(path);
  const knowsAll = before === null || seen?.hash === before;
  const problem = await diagnosticsOf(context, path);
  const text = problem ? `${reply}\n${problem}` : reply;
  return { text, wrote: [path], ...(knowsAll && { view: { path, hash: after } }) };
}
