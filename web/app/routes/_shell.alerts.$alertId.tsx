import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { acknowledgeAlert, getAlert, resolveAlert } from '#server/contracts/alerts.ts';
import { Badge } from '../components/badge.tsx';
import { Button, ButtonLink } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { CommandError } from '../components/error-card.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Ago } from '../components/time.tsx';
import { asWords, severityTone, stateNames, toldBy } from '../lib/alerts.ts';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useCommand } from '../lib/use-command.ts';
import { useLacks } from '../lib/viewer.ts';

export const meta: MetaFunction = () => [{ title: 'Alert · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Alerts', to: '/alerts' }, { label: 'Alert' }] };
export const loader = (where: LoaderFunctionArgs) =>
  apiFor(where)(getAlert, { params: { id: where.params.alertId ?? '' } });

/** One alert. The messages that tell of it lead here. */
export default function AlertPage() {
  const alert = useLoaderData<typeof loader>();
  const acknowledge = useCommand(acknowledgeAlert);
  const resolve = useCommand(resolveAlert);
  const lacks = useLacks('agent:write');
  useRefreshOn((event) => event.entity.id === alert.id && /^alert\./.test(event.type), 200);
  const params = { id: alert.id };
  const facts: [string, React.ReactNode][] = [
    ['Rule', asWords(alert.rule)],
    ['Measures', asWords(alert.metric)],
    ['Value', `${alert.current_value}, its rule names ${alert.threshold}`],
    ['Measured', `${alert.count} ${alert.count === 1 ? 'time' : 'times'}`],
    ['First', <Ago key="first" at={alert.created_at} />],
    ['Last', <Ago key="last" at={alert.seen_at} />],
    ['Told by', toldBy(alert.routing)],
    ...(alert.acknowledged_by ? ([['Looked after by', alert.acknowledged_by]] as [string, string][]) : []),
    ...(alert.resolved_by
      ? ([['Ended by', alert.resolved_by === 'platform' ? 'itself: it is so no more' : alert.resolved_by]] as [
          string,
          string,
        ][])
      : []),
  ];
  return (
    <div className="space-y-4">
      <PageTitle
        title={alert.message}
        facts={
          <>
            <Badge tone={severityTone[alert.severity]}>{alert.severity}</Badge>
            <span>{stateNames[alert.state]}</span>
          </>
        }
      >
        <ButtonLink to={alert.link}>Open what it is about</ButtonLink>
        {!lacks && alert.state === 'open' && (
          <Button look="primary" busy={acknowledge.busy} onClick={() => void acknowledge.run({ params })}>
            Acknowledge
          </Button>
        )}
        {!lacks && alert.state !== 'resolved' && (
          <Button busy={resolve.busy} onClick={() => void resolve.run({ params })}>
            Resolve
          </Button>
        )}
      </PageTitle>
      <CommandError error={acknowledge.error ?? resolve.error} />
      <Card title="What is known">
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
