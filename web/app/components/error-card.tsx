import { useRevalidator } from '@remix-run/react';
import { Button, ButtonLink } from './button.tsx';

interface Problem {
  status?: number;
  message?: string;
  request_id?: string | null;
}

const titles: Record<number, string> = {
  403: 'You do not have access',
  404: 'Not found',
  503: 'OmoiOS does not answer',
};

/** An error page: the error, what to do, and the request id to find it in the log. */
export function ErrorCard({ error: { status, message, request_id: requestId } }: { error: Problem }) {
  const { revalidate, state } = useRevalidator();
  const final = status === 404 || status === 403;
  return (
    <div role="alert" className="mx-auto mt-10 max-w-md rounded-lg border bg-card p-6 text-center">
      <p className="figures text-muted">{status && status > 0 ? status : 'Error'}</p>
      <h1 className="mt-1 text-base font-semibold">{titles[status ?? 0] ?? 'Something went wrong'}</h1>
      <p className="mt-2 text-sm text-muted">
        {message ??
          (status === 404
            ? 'The page does not exist, or it belongs to an organization that you are not a member of.'
            : 'The page could not be loaded. Try again in a moment.')}
      </p>
      <div className="mt-4 flex justify-center gap-2">
        {!final && (
          <Button look="primary" busy={state === 'loading'} onClick={revalidate}>
            Try again
          </Button>
        )}
        <ButtonLink to="/command">Go to the start page</ButtonLink>
      </div>
      {requestId && <p className="figures mt-4 text-xs break-all text-muted">Request {requestId}</p>}
    </div>
  );
}

/** The message of a command that failed. */
export function CommandError({ error }: { error: { message: string; requestId: string | null } | undefined }) {
  if (!error) return null;
  return (
    <p role="alert" className="text-xs text-bad">
      {error.message}
      {error.requestId && <span className="text-muted"> (request {error.requestId.slice(0, 8)})</span>}
    </p>
  );
}
