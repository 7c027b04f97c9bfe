import { spawn } from 'node:child_process';
import { closeSync, createWriteStream, openSync } from 'node:fs';
import { SandboxError } from '../../../ports/sandbox.ts';
import { endSessions, onlyEnv } from './processes.ts';

export interface RunOptions {
  env: Record<string, string>;
  cwd?: string;
  input?: string | Buffer;
  /** A file that the program reads as its stdin, instead of `input`. */
  stdinFile?: string;
  /** Milliseconds, by default 60,000. Then the program and its children are killed, and the exit code is 124. */
  timeoutMs?: number;
  /** Limit of stdout in bytes; more is an error. */
  maxBytes: number;
  /** Writes stdout to this file instead of memory. */
  stdoutFile?: string;
}

export interface Ran {
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

/**
 * Runs a program on the host until it ends.
 * @throws SandboxError `too_large` when its output exceeds maxBytes; `disk_full` when stdoutFile cannot be written.
 */
export function run([program = '', ...args]: string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const stdin = options.stdinFile === undefined ? undefined : openSync(options.stdinFile, 'r');
    const child = spawn(program, args, {
      cwd: options.cwd ?? '/',
      env: onlyEnv(options.env),
      stdio: [stdin ?? 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    if (stdin !== undefined) closeSync(stdin);
    const file = options.stdoutFile === undefined ? undefined : createWriteStream(options.stdoutFile, { mode: 0o600 });
    const chunks: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let failure: Error | undefined;
    let late = false;

    const end = () => {
      if (!child.pid) return;
      const pid = child.pid;
      void endSessions(pid, 0, options.env.PATH ?? '').then(() => child.kill('SIGKILL'));
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, options.timeoutMs ?? 60_000);
    const fail = (error: Error) => {
      failure ??= error;
      end();
    };

    file?.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ENOSPC' ? new SandboxError('disk_full', 'The disk is full.') : error),
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (failure) return;
      if (size > options.maxBytes)
        fail(new SandboxError('too_large', `The output passed ${Math.round(options.maxBytes / 2 ** 20)} MB.`));
      else if (!file) chunks.push(chunk);
      else if (!file.write(chunk)) {
        child.stdout?.pause();
        file.once('drain', () => child.stdout?.resume());
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (stderr.length < 65_536) stderr += chunk.toString();
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
    child.on('error', (error) => {
      clearTimeout(timer);
      file?.destroy();
      reject(error);
    });
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      const settle = () => {
        if (failure) reject(failure);
        else resolve({ exitCode: late ? 124 : (code ?? (killedBy ? 137 : 1)), stdout: Buffer.concat(chunks), stderr });
      };
      if (file && !failure) file.end(settle);
      else settle();
    });
  });
}
