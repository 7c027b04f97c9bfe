import { ButtonLink } from '../button.tsx';
import { Card, Empty, Notice } from '../card.tsx';
import { CommandError, ErrorCard } from '../error-card.tsx';
import { RetryingNotice } from '../retrying-notice.tsx';
import { Skeleton } from '../skeleton.tsx';
import { Chapter, Shown } from './shown.tsx';

export function Messages({ now }: { now: number }) {
  return (
    <Chapter title="Messages">
      <Shown name="Notices">
        <Notice tone="info">This is a draft.</Notice>
        <Notice tone="warn">Waits for budget.</Notice>
        <Notice tone="bad">The database does not answer.</Notice>
        <CommandError error={{ message: 'A command failed.', requestId: '0123456789' }} />
      </Shown>
      <RetryingNotice
        retrying={{
          step: 'openSandbox',
          since: new Date(now - 90_000).toISOString(),
          attempt: 3,
          error: 'The sandbox does not answer.',
          next_try_at: new Date(now + 60_000).toISOString(),
        }}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Card title="Empty" flush>
          <Empty title="No runs yet">
            <ButtonLink to="/command">Describe a feature</ButtonLink>
          </Empty>
        </Card>
        <Card title="Loading" flush>
          <Skeleton />
        </Card>
        <ErrorCard error={{ status: 503, message: 'The API does not answer.', request_id: '0123-4567' }} />
        <ErrorCard error={{ status: 403, message: 'Your role does not allow this.' }} />
      </div>
    </Chapter>
  );
}
