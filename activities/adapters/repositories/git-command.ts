import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { RepositoryError } from '../../ports/repositories.ts';

/** What of the caller's environment git may see: how to find programs, reach hosts and sign in by ssh agent or netrc. */
const passedOn = [
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

/** Settings given on the command line win over whatever a repository's own config says. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.alternateRefsCommand=true',
  'safe.directory=*',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
];

const gitFlags = settings.flatMap((setting) => ['-c', setting]);

/**
 * The program run at the other end of a local fetch or push. It starts without our `-c` settings, since git
 * clears them between repositories, so it gets them again.
 */
export const localService = (service: 'upload-pack' | 'receive-pack'): string =>
  [
    'git',
    ...[...settings, 'receive.denyCurrentBranch=refuse', 'uploadpack.allowAnySHA1InWant=true'].map((s) => `-c '${s}'`),
    service,
  ].join(' ');

interface GitOptions {
  /** Where git runs; it looks for no repository above it. */
  cwd?: string;
  /** Added to the environment: GIT_DIR, GIT_INDEX_FILE, author. */
  env?: Record<string, string>;
  input?: string | Buffer;
  /** Milliseconds; then the process group is killed and the call fails as unreachable. Default 10 minutes. */
  timeoutMs?: number;
  /** Reading stops, and git is ended, once stdout passes this many bytes. */
  maxBytes?: number;
}

export interface GitResult {
  /** -1 when reading was cut at maxBytes. */
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

export interface Git {
  /** Starts git for a conversation over its stdin and stdout. */
  spawn(args: string[], options?: Pick<GitOptions, 'cwd' | 'env'>): ChildProcessWithoutNullStreams;
  /** Runs git and reports how it ended, whatever the exit code. */
  run(args: string[], options?: GitOptions): Promise<GitResult>;
  /**
   * Runs git and returns its output without the final newline.
   * @throws RepositoryError('git_failed') on any other exit code than 0.
   */
  text(args: string[], options?: GitOptions): Promise<string>;
}

/** Git over its command line, with nothing of the machine's or a repository's settings that could start a program. */
export function createGit(environment: Record<string, string | undefined>): Git {
  const inherited = Object.fromEntries(
    passedOn.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
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
    GIT_OPTIONAL_LOCKS: '0',
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
      // A group of its own, so that ssh and remote helpers end with it.
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

/** Git's own words, without the paths of the platform and without credentials of addresses. */
export function gitFailed(stderr: string): RepositoryError {
  const said = stderr
    .replaceAll(/\/[^\s':]*\/(repos|sandboxes)\/[^\s':]*/g, '(the mirror)')
    .replaceAll(/\/\/[^/@\s]+@/g, '//')
    .trim()
    .slice(0, 1000);
  return new RepositoryError('git_failed', `Git failed: ${said || 'it gave no reason'}`);
}

/** Locks of git last milliseconds; a lost race for one is worth another try. */
const locked = /\.lock': File exists|shallow file has changed/i;
/** A fetch reads refs before it locks them, so another fetch of the same branches can come between. */
export const overtaken = /\.lock': File exists|shallow file has changed|cannot lock ref|unable to update local ref/i;

/** Runs git again, up to six times within about a second, while another process holds a lock that it needs. */
export async function pastLocks(attempt: () => Promise<GitResult>, trouble: RegExp = locked): Promise<GitResult> {
  for (let tries = 0; ; tries++) {
    const result = await attempt();
    if (result.exitCode === 0 || tries === 5 || !trouble.test(result.stderr)) return result;
    await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** tries * (0.5 + Math.random())));
  }
}
