import { redirect } from '@remix-run/node';

/** The former address of the queue of gates. */
export const loader = () => redirect('/gates');

export default function Elsewhere() {
  return null;
}
