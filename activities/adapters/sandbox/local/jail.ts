import { SandboxError, type SandboxSpec } from '../../../ports/sandbox.ts';
import { isDiskFull } from './disk-full.ts';
import { assertHeld, type Holder } from './holder.ts';
import { insideUid, type Isolation } from './isolation.ts';
import type { Layout } from './layout.ts';
import { inside, systemMounts } from './mounts.ts';
import { scripts } from './processes.ts';
import { run } from './run.ts';
import { cutEnd } from '#workflows/domain/text.ts';

export interface WorkspaceGit {
  isolation: Isolation;
  /** Undefined without isolation. */
  holder: Holder | undefined;
  layout: Layout;
  spec: SandboxSpec;
  /** The project's mirror. */
  gitDir: string;
  hostPath: string;
}

/** A ref that keeps a sandbox's base in the mirror while the sandbox exists. */
export const keepRef = (id: string) => `refs/omoios/sandboxes/${id}`;

const timeoutMs = 300_000;

/**
 * Runs scripts/workspace.sh: the platform's git on files that an agent made and may be changing right now. It sees only
 * the workspace, the mirror and its own folder. So a link that is swapped in at the right moment, or a flaw of git,
 * reaches nothing that the agent could not read anyway.
 * @throws SandboxError('disk_full')
 * @throws SandboxError('lost') when the sandbox ended meanwhile.
 */
export async function workspaceGit(sandbox: WorkspaceGit, args: string[]): Promise<string> {
  const { layout, isolation, holder } = sandbox;
  const jailed = isolation.kind !== 'none';
  const env = {
    PATH: sandbox.hostPath,
    GIT_DIR: jailed ? '/git' : sandbox.gitDir,
    GIT_WORK_TREE: jailed ? inside.workspace : layout.workspace,
    PLATFORM: jailed ? '/platform' : layout.platform,
    KEEP: keepRef(layout.id),
    AGENT_UID: isolation.kind === 'mapped' ? String(insideUid) : '',
  };
  const program = holder
    ? [...jail(sandbox, holder, args[0] === 'checkout'), 'bash', '--norc', '/run/workspace.sh']
    : ['bash', '--norc', scripts.workspace];
  const ran = await run([...program, ...args], { env, maxBytes: 2 ** 20, timeoutMs });
  if (ran.exitCode === 0) return ran.stdout.toString().trim();
  if (isDiskFull(ran.stderr, layout.workspace))
    throw new SandboxError('disk_full', 'The disk is full: the files of the workspace could not be stored.');
  await assertHeld(layout, holder, ran.exitCode);
  throw new Error(
    `Git failed on the workspace of ${layout.id}: ${cutEnd(ran.stderr.trim(), 500) || `exit ${ran.exitCode}`}`,
  );
}

function jail({ layout, gitDir }: WorkspaceGit, holder: Holder, changesUser: boolean): string[] {
  return [
    ...['nsenter', `--user=/proc/${holder.owner}/ns/user`, '--preserve-credentials', '--', 'bwrap'],
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'],
    // Files that the agent made unreadable, or that belong to its user, are still files of the workspace.
    ...['CAP_DAC_OVERRIDE', ...(changesUser ? ['CAP_SETUID', 'CAP_SETGID'] : [])].flatMap((capability) => [
      '--cap-add',
      capability,
    ]),
    ...systemMounts(),
    ...['--dev', '/dev', '--tmpfs', '/tmp', '--dir', '/run'],
    ...['--bind', gitDir, '/git', '--bind', layout.platform, '/platform', '--bind', layout.workspace, inside.workspace],
    ...['--ro-bind', scripts.workspace, '/run/workspace.sh', '--ro-bind', scripts.sift, '/run/sift.sh', '--chdir', '/'],
  ];
}
