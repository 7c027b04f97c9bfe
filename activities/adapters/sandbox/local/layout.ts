import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { SandboxError, type SandboxSpec } from '../../../ports/sandbox.ts';
import type { Isolation } from './isolation.ts';
import { cutStart } from '#workflows/domain/text.ts';

/** The folders of one sandbox on the host. The agent can write only workspace, home and tmp. */
export interface Layout {
  id: string;
  root: string;
  workspace: string;
  home: string;
  tmp: string;
  /** One folder per job: its command, log, exit code. Commands see it read-only. */
  jobs: string;
  /** Programs on the sandbox's PATH. Commands see it read-only. */
  bin: string;
  etc: string;
  /** The platform's index of the workspace and its working files; no command sees it. */
  platform: string;
  /** Files about to be renamed into the workspace. */
  staging: string;
  /** Facts about the process that keeps the namespaces alive. */
  holder: string;
  spec: string;
}

/** The folder of all sandboxes. */
export const sandboxesDir = (dataDir: string) => path.join(dataDir, 'sandboxes');

const idPattern = /^[A-Za-z0-9][\w.-]{0,127}$/;

/** @throws SandboxError('not_found') for an id that could name another folder. */
export function checkedId(id: string): string {
  if (!idPattern.test(id)) throw new SandboxError('not_found', `"${cutStart(id, 80)}" is not a valid sandbox id.`);
  return id;
}

/** @throws SandboxError('not_found') */
export const layoutOf = (dataDir: string, id: string): Layout =>
  layoutIn(path.join(sandboxesDir(dataDir), checkedId(id)), id);

/** The layout of a sandbox under a given root folder. */
export function layoutIn(root: string, id: string): Layout {
  const at = (name: string) => path.join(root, name);
  return {
    id,
    root,
    workspace: at('workspace'),
    home: at('home'),
    tmp: at('tmp'),
    jobs: at('jobs'),
    bin: at('bin'),
    etc: at('etc'),
    platform: at('platform'),
    staging: at('staging'),
    holder: at('holder'),
    spec: at('spec.json'),
  };
}

/** @throws SandboxError('not_found') for an id that could name another folder. */
export function checkedJob(jobId: string): string {
  if (!idPattern.test(jobId)) throw new SandboxError('not_found', `"${cutStart(jobId, 80)}" is not a valid job id.`);
  return jobId;
}

/** The folder of a job on the host. */
export const jobDir = (layout: Layout, jobId: string): string => path.join(layout.jobs, checkedJob(jobId));

/** The name becomes a path below .git/refs/heads. Git's own rules are checked when branches are made. */
const isBranchName = (name: string) =>
  /^[^\s~^:?*[\\]+$/.test(name) && name.split('/').every((part) => part !== '' && !/^[-.]|\.\.|\.lock$/.test(part));

export const specSchema = z.strictObject({
  id: z.string(),
  project_id: z.string(),
  base_sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  restore_sha: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional(),
  branch: z.string().refine(isBranchName, 'is not a valid branch name'),
  access: z.enum(['read_write', 'read_only']),
  labels: z.record(z.string(), z.string()),
  origin: z.union([z.strictObject({ image: z.string() }), z.strictObject({ snapshot: z.string() })]).optional(),
  limits: z.strictObject({
    memory_mb: z.number(),
    processes: z.number(),
    file_size_mb: z.number(),
    log_mb: z.number(),
  }),
}) satisfies z.ZodType<SandboxSpec>;

const storedSchema = specSchema.extend({ isolation: z.enum(['mapped', 'nested', 'none']) });

/** Stores the specification of the sandbox. */
export async function writeSpec(layout: Layout, spec: SandboxSpec, isolation: Isolation): Promise<void> {
  await writeFile(`${layout.spec}.new`, JSON.stringify({ ...spec, isolation: isolation.kind }));
  await rename(`${layout.spec}.new`, layout.spec);
}

/**
 * Reads the specification.
 * @throws SandboxError('lost') when the sandbox does not exist, or this isolation cannot enter it.
 */
export async function readSpec(layout: Layout, isolation: Isolation): Promise<SandboxSpec> {
  const text = await readFile(layout.spec, 'utf8').catch(() => undefined);
  if (text === undefined) throw new SandboxError('lost', `There is no sandbox ${layout.id} on this machine.`);
  const { isolation: made, ...spec } = storedSchema.parse(JSON.parse(text));
  if (made !== isolation.kind)
    throw new SandboxError(
      'lost',
      `Sandbox ${layout.id} was made with isolation "${made}", and now there is "${isolation.kind}".`,
    );
  return spec;
}

/** Ids of the sandboxes that have a folder. */
export async function listIds(dataDir: string): Promise<string[]> {
  const names = await readdir(sandboxesDir(dataDir)).catch(() => []);
  return names.filter((name) => idPattern.test(name)).sort();
}
