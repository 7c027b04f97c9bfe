import { createHash } from 'node:crypto';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../ports/services.ts';

/** What a command gets to call the platform. */
export interface PlatformAccess {
  /** The paths that it may call: of `CommandSpec`. */
  platform: string;
  env: Record<string, string>;
}

/** The label that tells a sandbox from the one that it replaces. */
export const instanceLabel = 'instance';

/**
 * The access of the run's commands to the platform, with a key that follows from the run and its present sandbox: repeated,
 * in any process, it is the same key. Only its hash is stored. Undefined, and no key, where no command reaches the platform.
 * @param options.always for a program that reaches the platform alone where the run has no network.
 */
export async function platformAccess(
  { sandbox, secrets, store }: Pick<Services, 'sandbox' | 'secrets' | 'store'>,
  run: Pick<Run, 'id' | 'organization_id' | 'sandbox_id' | 'settings'>,
  { always = false } = {},
): Promise<PlatformAccess | undefined> {
  if (!sandbox.platformUrl || (!always && (run.settings.network ?? 'none') === 'none')) return undefined;
  const labels = await sandbox.labels(run.sandbox_id);
  const secret = secrets.derive(`key of sandbox ${run.sandbox_id} ${labels?.[instanceLabel] ?? ''} of run ${run.id}`);
  if (!labels || !secret) return undefined;
  const key = `sk_agent_${secret}`;
  await store.sandboxes.issueKey(run, createHash('sha256').update(key).digest('hex'));
  return {
    platform: `/api/v1/sandboxes/${run.id}/`,
    env: {
      OMOIOS_API_URL: `${sandbox.platformUrl}/api/v1`,
      OMOIOS_SANDBOX_ID: run.id,
      OMOIOS_SANDBOX_KEY: key,
    },
  };
}
