import { morningReport } from '#activities/ports/morning-report.ts';
import type * as contracts from '../contracts/report.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';

/** The morning report: of the last day unless a time is given. */
export const report = ({ services, organization_id, actor }: Call, { since }: Query<typeof contracts.report>) =>
  morningReport(
    services,
    { organization_id, user_id: actor.user_id },
    since ? new Date(since) : new Date(Date.now() - 86_400_000),
  );
