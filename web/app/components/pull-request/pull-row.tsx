import { Link } from '@remix-run/react';
import type { z } from 'zod';
import type { pullRequestSchema } from '#server/contracts/pull-requests.ts';
import { StatusBadge } from '../badge.tsx';
import { Ago } from '../time.tsx';

/** The fields of a pull request that a list shows. */
export const pullLine = ({
  id,
  number,
  title,
  branch,
  base,
  state,
  created_at,
  merged_at,
}: z.output<typeof pullRequestSchema>) => ({ id, number, title, branch, base, state, created_at, merged_at });

export type PullLine = ReturnType<typeof pullLine>;

export function PullRow({ pull }: { pull: PullLine }) {
  return (
    <Link to={`/pull-requests/${pull.id}`} data-row className="block px-4 py-2.5 -outline-offset-2 hover:bg-hover">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-medium">
          {pull.title} <span className="figures font-normal text-muted">#{pull.number}</span>
        </span>
        <StatusBadge status={pull.state} />
      </span>
      <span className="mt-1 flex items-center gap-3 text-xs text-muted">
        <span className="figures min-w-0 truncate">
          {pull.branch} → {pull.base}
        </span>
        <Ago at={pull.merged_at ?? pull.created_at} className="ml-auto" />
      </span>
    </Link>
  );
}
