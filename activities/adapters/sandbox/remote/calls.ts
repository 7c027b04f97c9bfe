import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { AppError } from '#workflows/domain/errors.ts';
import { cutEnd } from '#workflows/domain/text.ts';
import { SandboxError, type SandboxErrorCode } from '../../../ports/sandbox.ts';
import { readScripts, root } from './install.ts';
import type { RemoteTransport } from './transport.ts';

export interface CallOptions {
  input?: Buffer | string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface Answer {
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

/** Exit codes of the scripts, with the errors of the port. */
const codes: Record<number, SandboxErrorCode> = {
  70: 'outside',
  71: 'not_found',
  72: 'is_directory',
  73: 'not_directory',
  74: 'not_a_file',
  75: 'denied',
  77: 'disk_full',
  78: 'too_large',
};
const says: Record<string, string> = {
  outside: 'leads out of the workspace.',
  not_found: 'does not exist.',
  is_directory: 'is a folder.',
  not_directory: 'is not a folder, or a folder on the way to it is none.',
  not_a_file: 'is neither a file nor a folder.',
  denied: 'is closed: its permissions, or those of its folder, do not allow this.',
  disk_full: 'was not written: the disk is full.',
  too_large: 'is too large: at most 64 MB are read.',
};

/** The error of a failed call for its reader. @param subject the path that the call was about, or another noun. */
export function problemOf({ exitCode, stderr }: Answer, subject: string): Error {
  const code = codes[exitCode];
  if (code) return new SandboxError(code, `${subject} ${says[code]}`);
  if (/No space left on device|Disk quota exceeded/i.test(stderr))
    return new SandboxError('disk_full', 'The disk of the sandbox is full.');
  return new Error(`${subject} failed in the sandbox: ${cutEnd(stderr.trim(), 500) || `exit ${exitCode}`}`);
}

const lost = 81;
/** Of the installer, and of a shell that finds no program. */
const unfitExits = new Set([80, 126, 127]);
/** Larger ones are uploaded as a file. A command line has at most 128 KB. */
const inlineBytes = 48 * 1024;
/** What a call may take beyond its own limit of time, for the way there and back. */
const wayMs = 20_000;

/** Calls of the scripts in sandboxes. */
export function createCalls(transport: RemoteTransport) {
  const { installer, driver, port } = readScripts();

  const spoolPath = () => `${root}/spool/in.${randomBytes(8).toString('hex')}`;

  async function upload(id: string, content: Blob): Promise<string> {
    const file = spoolPath();
    await transport.upload(id, file, content);
    return file;
  }

  /**
   * Puts the scripts of this version into the sandbox.
   * @param image what the sandbox is made from, for people.
   * @returns `made` where the sandbox was made to its end before.
   * @throws AppError('invalid_rule') for an image that cannot run them.
   */
  async function install(id: string, image = transport.image): Promise<'installed' | 'made'> {
    const file = `/tmp/omoios-${randomBytes(12).toString('hex')}`;
    await transport.upload(id, file, new Blob([installer]));
    const { exitCode, output } = await transport.run(id, ['bash', file], { timeoutMs: 60_000 });
    const state = /^(installed|made)$/m.exec(output)?.[1];
    if (exitCode === 0 && state) return state as 'installed' | 'made';
    if (unfitExits.has(exitCode)) throw unfit(transport.provider, image, output.trim());
    throw cutOff(id, output);
  }

  /**
   * Runs a verb of scripts/calls.sh.
   * @throws SandboxError('lost') when the sandbox does not exist; AppError('unavailable') for an answer that was cut off.
   */
  async function call(id: string, words: string[], options: CallOptions = {}): Promise<Answer> {
    const { file, ...answer } = await asked(id, words, options);
    if (!file) return answer;
    return { ...answer, stdout: await whole(await transport.download(id, file), answer.size) };
  }

  /** The same, for an output that may be large: it stays in a file of the sandbox where it is not small. */
  async function asked(
    id: string,
    words: string[],
    options: CallOptions,
  ): Promise<Answer & { size: number; file?: string }> {
    const { input, signal, timeoutMs = 60_000 } = options;
    const given = input === undefined ? '-' : await asInput(id, Buffer.from(input));
    const line = ['bash', driver, Buffer.from(`${words.join('\0')}\0`).toString('base64'), given];
    const limits = { timeoutMs: timeoutMs + wayMs, signal };
    let ran = await transport.run(id, line, limits);
    if (ran.exitCode === 127 && !answerHead.test(ran.output)) {
      // Made by another version, or not made to its end.
      await install(id);
      ran = await transport.run(id, line, limits);
    }
    const answer = readAnswer(ran.output);
    if (!answer) throw cutOff(id, ran.output);
    if (answer.exitCode === lost)
      throw new SandboxError('lost', `There is no sandbox ${id}, or its creation was never completed.`);
    return answer;
  }

  const asInput = async (id: string, input: Buffer) =>
    input.length > inlineBytes
      ? `@${await upload(id, new Blob([new Uint8Array(input)]))}`
      : input.toString('base64') || '-';

  return { call, asked, upload, install, port };
}

export type Calls = ReturnType<typeof createCalls>;

const cutOff = (id: string, output: string) =>
  new AppError('unavailable', `The answer of sandbox ${id} was cut off: ${cutEnd(output.trim(), 200)}`);

/** The error of content that did not arrive as a whole. */
export const halfRead = (size: number, arrived: number) =>
  new AppError('unavailable', `Of ${size} bytes of the sandbox ${arrived} arrived.`);

/** The image of a place cannot be used: no retry changes that. */
export const unfit = (provider: string, image: string, why: string) =>
  new AppError('invalid_rule', `The sandbox that ${provider} makes from ${image} cannot be used: ${cutEnd(why, 300)}`);

/** The first line of an answer. A shell of the image may warn of something before it. */
const answerHead = /^omoios (\d+) (\d+) (\S+)$/m;

/** What shells say while they start. They write it to stderr, which a place may mix into the output anywhere. */
const shellWarning = /(?:ba)?sh: warning: [^\n]*\n/g;

/** An answer of scripts/driver.sh; undefined when a part of it is missing. */
export function readAnswer(output: string): (Answer & { size: number; file?: string }) | undefined {
  const said = output.replace(shellWarning, '');
  const found = answerHead.exec(said);
  const [, code, bytes, file] = found ?? [];
  const [, errors = '', body = '', end] = said.slice(found?.index ?? 0).split('\n');
  if (code === undefined || file === undefined || end !== 'end') return undefined;
  const stdout = Buffer.from(body, 'base64');
  const size = Number(bytes);
  if (file === '-' && stdout.length !== size) return undefined;
  const stderr = Buffer.from(errors, 'base64').toString();
  return { exitCode: Number(code), stdout, stderr, size, ...(file !== '-' && { file }) };
}

async function whole(content: Readable, size: number): Promise<Buffer> {
  const read = await buffer(content);
  if (read.length !== size) throw halfRead(size, read.length);
  return read;
}
