import { isRouteErrorResponse, useRouteError } from '@remix-run/react';
import { ErrorCard } from './error-card.tsx';

/** The error boundary of every page: what its data could not be had for, with the shell around it. */
export function PageError() {
  const error = useRouteError();
  return (
    <ErrorCard
      error={
        isRouteErrorResponse(error)
          ? { status: error.status, ...(typeof error.data === 'object' ? (error.data as object) : {}) }
          : {}
      }
    />
  );
}
