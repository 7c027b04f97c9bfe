import { data, type MetaFunction } from '@remix-run/node';
import { lazy, Suspense } from 'react';

export const meta: MetaFunction = () => [{ title: 'Parts · OmoiOS' }];

/** For development: a build has neither the page nor its code. */
export const loader = () => {
  if (!import.meta.env.DEV) throw data({ message: 'This page does not exist.' }, { status: 404 });
  return { now: Date.now() };
};

const Parts = import.meta.env.DEV ? lazy(() => import('../components/design/parts.tsx')) : () => null;

export default function Design() {
  return (
    <Suspense>
      <Parts />
    </Suspense>
  );
}
