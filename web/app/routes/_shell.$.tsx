import { data, type MetaFunction } from '@remix-run/node';

export const meta: MetaFunction = () => [{ title: 'Not found · OmoiOS' }];

export const loader = () => {
  throw data({ message: 'This page does not exist.' }, { status: 404 });
};

export default function Nothing() {
  return null;
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
