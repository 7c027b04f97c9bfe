import { Form } from '@remix-run/react';
import { Circle, CircleCheck } from 'lucide-react';
import type { z } from 'zod';
import type { onboardingStatus } from '#server/contracts/onboarding.ts';
import { useOrganization } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';

type State = z.output<(typeof onboardingStatus)['response']>;

const items: Record<State['checklist'][number]['id'], { label: string; to: (organization: string) => string }> = {
  'watch-agent': { label: 'Watch an agent at work', to: () => '/runs' },
  'review-pr': { label: 'Review a pull request', to: () => '/pull-requests' },
  'invite-team': { label: 'Invite your team', to: (id) => `/organizations/${id}/members` },
};

/** What is left to try after the first steps. Opening an item marks it as done; the list can be hidden. */
export function Checklist({ state }: { state: State }) {
  const organization = useOrganization();
  const left = state.checklist.filter(({ completed }) => !completed).length;
  if (!state.completed_at || left === 0 || state.data.checklist === 'hidden') return null;
  return (
    <Card
      title="Next steps"
      flush
      aside={
        <Form method="post" action="/onboarding">
          <Button type="submit" name="intent" value="hide" look="quiet" size="sm">
            Hide
          </Button>
        </Form>
      }
    >
      <ul className="divide-y">
        {state.checklist.map(({ id, completed }) => {
          const { label, to } = items[id];
          const Icon = completed ? CircleCheck : Circle;
          return (
            <li key={id}>
              <Form method="post" action="/onboarding">
                <input type="hidden" name="to" value={to(organization.id)} />
                <button
                  type="submit"
                  name="intent"
                  value={id}
                  data-row
                  className="flex min-h-11 w-full items-center gap-3 px-4 py-2 text-left -outline-offset-2 hover:bg-hover"
                >
                  <Icon aria-hidden className={`size-4 shrink-0 ${completed ? 'text-good' : 'text-muted'}`} />
                  <span className={completed ? 'text-muted' : 'font-medium'}>{label}</span>
                  {completed && <span className="sr-only">, done</span>}
                </button>
              </Form>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
