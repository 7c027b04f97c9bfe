import { SandboxError, type SandboxErrorCode } from '../../ports/sandbox.ts';
import type { ToolErrorKind, ToolResult } from './tool.ts';

/** Thrown anywhere inside a tool; `defineTool` turns it into the error result that the model reads. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';

  constructor(
    readonly kind: ToolErrorKind,
    message: string,
  ) {
    super(message);
  }
}

const remedies: Record<Exclude<SandboxErrorCode, 'lost'>, { kind: ToolErrorKind; next: string }> = {
  not_found: { kind: 'not_found', next: 'Call list_files to see what is there.' },
  is_directory: { kind: 'failed', next: 'That is a folder: call list_files on it, or name a file in it.' },
  not_directory: {
    kind: 'failed',
    next: 'A part of the path is a file, not a folder: call list_files to see the tree.',
  },
  not_a_file: { kind: 'failed', next: 'It is a pipe, socket or device: use bash for it.' },
  denied: {
    kind: 'forbidden',
    next: 'Its permissions forbid that: look at them with bash (ls -l), and change them only where that is part of the task.',
  },
  outside: {
    kind: 'forbidden',
    next: 'The file tools stay inside the workspace: name a path in it, and use bash for anything else.',
  },
  read_only: { kind: 'forbidden', next: 'This run may not change files: report what should change instead.' },
  disk_full: { kind: 'failed', next: 'Free space with bash (du -sh *, then remove build output), then call again.' },
  too_large: { kind: 'failed', next: 'Use bash for it (head, tail, sed -n, grep).' },
};

/** The result of a refused call. Its text says what to do instead. */
export const refused = (text: string): ToolResult => ({ text, is_error: true, error_kind: 'failed' });

/**
 * The result for an error of a tool or of its sandbox.
 * @throws every other error unchanged, above all a lost sandbox, which only the platform can restore.
 */
export function failureResult(error: unknown): ToolResult {
  if (error instanceof ToolFailure) return { text: error.message, is_error: true, error_kind: error.kind };
  if (error instanceof SandboxError && error.code !== 'lost') {
    const { kind, next } = remedies[error.code];
    return { text: `${error.message.replace(/[.\s]*$/, '.')} ${next}`, is_error: true, error_kind: kind };
  }
  throw error;
}
