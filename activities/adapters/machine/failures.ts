import { RepositoryError, type RepositoryErrorCode } from '../../ports/repositories.ts';
import { SandboxError, type SandboxErrorCode } from '../../ports/sandbox.ts';

/** An error of a port as it travels between processes: of an Error itself only the message would arrive. */
export type Failure =
  | { of: 'sandbox'; code: SandboxErrorCode; message: string }
  | { of: 'repository'; code: RepositoryErrorCode; message: string }
  | { of: 'system'; code: string | undefined; message: string; stack: string | undefined };

export function toFailure(error: unknown): Failure {
  if (error instanceof SandboxError) return { of: 'sandbox', code: error.code, message: error.message };
  if (error instanceof RepositoryError) return { of: 'repository', code: error.code, message: error.message };
  if (!(error instanceof Error)) return { of: 'system', code: undefined, message: String(error), stack: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { of: 'system', code, message: error.message, stack: error.stack };
}

export function toError(failure: Failure): Error {
  if (failure.of === 'sandbox') return new SandboxError(failure.code, failure.message);
  if (failure.of === 'repository') return new RepositoryError(failure.code, failure.message);
  const { code, message, stack } = failure;
  return Object.assign(new Error(message), { code, ...(stack ? { stack } : {}) });
}
