import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { cutStart } from '#workflows/domain/text.ts';
import { RepositoryError } from '../../ports/repositories.ts';

/**
 * The environment variables that git gets from the caller: to find programs, reach hosts and sign in by ssh agent or
 * netrc.
 */
const inheritedVariables = [
  'PATH',
  'HOME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'GIT_SSH_COMMAND',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
];

/** Settings on the command line override those of a repository's own config. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.alternateRefsCommand=true',
  'safe.directory=*',
  'advice.graftFileDeprecated=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
];

const gitFlags = settings.flatMap((setting) => ['-c', setting]);

/**
 * The program at the other end of a local fetch or push. Git clears our `-c` settings between repositories, so the
 * program gets them again.
 */
export const localService = (service: 'upload-pack' | 'receive-pack'): string =>
  [
    // Git clears this variable too. A grafted history is not the one that the commits name.
    'GIT_GRAFT_FILE=/dev/null git',
    ...[...settings, 'receive.denyCurrentBranch=refuse', 'uploadpack.allowAnySHA1InWant=true'].map((s) => `-c '${s}'`),
    service,
  ].join(' ');

interface GitOptions {
  /** Working directory of git; no repository above it is used. */
  cwd?: string;
  /** Added to the environment: GIT_DIR, GIT_INDEX_FILE, author. */
  env?: Record<string, string>;
  input?: string | Buffer;
  /** Milliseconds, by default 10 minutes. Then the process group is killed and the call fails as unreachable. */
  timeoutMs?: number;
  /** Limit of stdout in bytes. Beyond it, reading stops and git is ended. */
  maxBytes?: number;
}

export interface GitResult {
  /** -1 when reading was cut at maxBytes. */
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

export interface Git {
  /** Starts git for an exchange over its stdin and stdout. */
  spawn(args: string[], options?: Pick<GitOptions, 'cwd' | 'env'>): ChildProcessWithoutNullStreams;
  /** Runs git and reports how it ended, whatever the exit code. */
  run(args: string[], options?: GitOptions): Promise<GitResult>;
  /**
   * Runs git and returns its output without the final newline.
   * @throws RepositoryError('git_failed') on any other exit code than 0.
   */
  text(args: string[], options?: GitOptions): Promise<string>;
}

/** Git over its command line, without any setting of the machine or of a repository that could start a program. */
export function createGit(environment: Record<string, string | undefined>): Git {
  const inherited = Object.fromEntries(
    inheritedVariables.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
  const base: Record<string, string> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=10',
    ...inherited,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'file:http:https:ssh:git',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
    GIT_OPTIONAL_LOCKS: '0',
    // A branch or tag that leads to no object is nothing that work needs. Nothing is ever pruned for its absence.
    GIT_REF_PARANOIA: '0',
    GIT_AUTHOR_NAME: 'OmoiOS',
    GIT_AUTHOR_EMAIL: 'platform@omoios.invalid',
    GIT_COMMITTER_NAME: 'OmoiOS',
    GIT_COMMITTER_EMAIL: 'platform@omoios.invalid',
  };

  const start = (args: string[], options: Pick<GitOptions, 'cwd' | 'env'> = {}) =>
    spawn('git', [...gitFlags, ...args], {
      cwd: options.cwd ?? '/',
      // Types of other packages claim that an environment must hold NODE_ENV.
      env: { ...base, ...options.env } as NodeJS.ProcessEnv,
      stdio: ['pipe', 'pipe', 'pipe'],
      // A separate process group, so that ssh and remote helpers end with it.
      detached: true,
    });

  const run = (args: string[], options: GitOptions = {}): Promise<GitResult> =>
    new Promise((resolve, reject) => {
      const { maxBytes = 256 * 2 ** 20, timeoutMs = 600_000 } = options;
      const child = start(args, options);
      const end = () => {
        try {
          if (child.pid) process.kill(-child.pid, 'SIGKILL');
        } catch {
          // Gone already.
        }
      };
      const chunks: Buffer[] = [];
      let size = 0;
      let stderr = '';
      let cut = false;
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        end();
      }, timeoutMs);
      child.stdout.on('data', (chunk: Buffer) => {
        if (cut) return;
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) {
          cut = true;
          end();
        }
      });
      child.stderr.on('data', (chunk: Buffer) => {
        if (stderr.length < 65_536) stderr += chunk.toString();
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input);
      child.on('error', (error) => {
        clearTimeout(timer);
        reject(
          new RepositoryError('git_failed', `git could not be started (${error.message}). Install git 2.38 or newer.`),
        );
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        if (late)
          reject(new RepositoryError('unreachable', `Git gave no answer within ${Math.round(timeoutMs / 1000)} s.`));
        else resolve({ exitCode: cut ? -1 : (code ?? 128), stdout: Buffer.concat(chunks), stderr });
      });
    });

  return {
    spawn: start,
    run,
    async text(args, options) {
      const result = await run(args, options);
      if (result.exitCode !== 0) throw gitFailed(result.stderr);
      return result.stdout.toString().replace(/\n$/, '');
    },
  };
}

/** Mirrors of projects and workspaces of sandboxes: the last folders of their paths are the platform's own names. */
const ownFolders =
  /\/[^\s':]*\/(?:repos\/(?:neutral|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.git)|sandboxes\/omoios-[\w-]+)(?![\w.-])[^\s':]*/g;

/** What git says of a repository that stays as it is until its owner repairs it. */
const lasting =
  /bad config|bad (numeric|boolean) config|invalid value for|bad signature|index file (corrupt|smaller)|bad index file|index uses .+ extension|invalid path|not a tree|unable to read tree|git repo version <=|unknown repository extension|core\.bare and core\.worktree|Permission denied/i;

const foundLock = /Unable to create '([^']+\.lock)': File exists/;

/**
 * The error of git with its own message, without paths of the platform and without credentials in addresses: `locked`
 * for a lock in a repository of a person, `damaged` for what no repetition changes, else `git_failed`.
 */
export function gitFailed(stderr: string): RepositoryError {
  const said = stderr
    .replaceAll(ownFolders, '(the mirror)')
    .replaceAll(/\/\/[^/@\s]+@/g, '//')
    .trim();
  const [, lock] = foundLock.exec(said) ?? [];
  if (lock !== undefined)
    return new RepositoryError(
      'locked',
      `A git command holds the lock ${lock}, or one died and left it. Wait for it, or delete that file if no git command runs there, then try again.`,
    );
  const message = `Git failed: ${cutStart(said, 1000) || 'it gave no reason'}`;
  return lasting.test(said)
    ? new RepositoryError(
        'damaged',
        `${message}. Repair the repository ("git status" and "git fsck" show it), then try again.`,
      )
    : new RepositoryError('git_failed', message);
}

/** Git holds its locks for milliseconds, so a call that failed on one is retried. */
const locked = /\.lock': File exists|shallow file has changed/i;
/** A fetch reads refs before it locks them, so another fetch of the same branches can come between. */
export const overtaken = /\.lock': File exists|shallow file has changed|cannot lock ref|unable to update local ref/i;

/** Runs git again, up to six times within about a second, while another process holds a lock that it needs. */
export async function pastLocks(attempt: () => Promise<GitResult>, trouble: RegExp = locked): Promise<GitResult> {
  for (let tries = 0; ; tries++) {
    const result = await attempt();
    if (result.exitCode === 0 || tries === 5 || !trouble.test(`${result.stderr}\n${result.stdout.toString()}`))
      return result;
    await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** tries * (0.5 + Math.random())));
  }
}
