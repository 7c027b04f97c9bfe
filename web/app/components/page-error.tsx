import { isRouteErrorResponse, useRouteError } from '@remix-run/react';
import { ErrorCard } from './error-card.tsx';

/** The error boundary of every page: shows why its data could not be loaded, inside the shell. */
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
