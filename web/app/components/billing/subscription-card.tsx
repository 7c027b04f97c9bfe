import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import type { billingConfig } from '#server/contracts/billing.ts';
import {
  cancelSubscription,
  downgradeSubscription,
  pauseSubscription,
  reactivateSubscription,
  resumeSubscription,
  upgradeSubscription,
  type getSubscription,
} from '#server/contracts/subscriptions.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { AlertDialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Exact } from '../time.tsx';

type Subscription = NonNullable<Answer<typeof getSubscription>['subscription']>;
type Plans = Answer<typeof billingConfig>['plans'];

const states: Record<Subscription['status'], string> = {
  active: 'is paid',
  trialing: 'is in its trial',
  past_due: 'could not be paid; Stripe tries again. Check the card',
  canceled: 'has ended',
  paused: 'is paused: the rights are those of the free plan',
  incomplete: 'waits for its first payment',
};

/** The plan that an upgrade leads to. */
const nextAbove: Record<string, 'pro' | 'team' | undefined> = { byo: 'pro', pro: 'team' };

/** The subscription in a sentence. */
function Sentence({ subscription, labelOf }: { subscription: Subscription; labelOf: (tier: string) => string }) {
  const { tier, next_tier: next, status, source, period_end: end, cancel_at_period_end: ends } = subscription;
  const given = { stripe: '', lifetime: ', paid for life', promo: ', by a promo code' }[source];
  return (
    <p className="text-sm">
      The plan {labelOf(tier)}
      {given} {source === 'stripe' || status === 'canceled' ? states[status] : 'is active'}.{' '}
      {end && status !== 'canceled' && (
        <>
          {ends || source === 'promo' ? 'It ends on ' : next ? `${labelOf(next)} begins on ` : 'It is renewed on '}
          <Exact at={end} />.
        </>
      )}
    </p>
  );
}

/** The subscription of an organization, and what can be done with it. */
export function SubscriptionCard({
  organizationId,
  subscription,
  plans,
}: {
  organizationId: string;
  subscription: Subscription;
  plans: Plans;
}) {
  const lacks = useLacks('org:billing:write', organizationId);
  const [asking, setAsking] = useState(false);
  const upgrade = useCommand(upgradeSubscription);
  const downgrade = useCommand(downgradeSubscription);
  const cancel = useCommand(cancelSubscription);
  const reactivate = useCommand(reactivateSubscription);
  const pause = useCommand(pauseSubscription);
  const resume = useCommand(resumeSubscription);
  const labelOf = (tier: string) => plans.find((plan) => plan.tier === tier)?.label ?? tier;
  const params = { id: organizationId };
  const { status, tier, next_tier: next, source, cancel_at_period_end: ends } = subscription;
  const isOurs = source === 'stripe' && status !== 'canceled' && status !== 'incomplete';
  const running = isOurs && status !== 'paused';
  const higher = nextAbove[tier];
  return (
    <Card title="Subscription">
      <div className="space-y-3">
        <Sentence subscription={subscription} labelOf={labelOf} />
        {isOurs && (
          <div className="flex flex-wrap gap-2">
            {running && higher && (
              <Button
                look="primary"
                because={lacks}
                busy={upgrade.busy}
                onClick={() => void upgrade.run({ params, body: { tier: higher } })}
              >
                Upgrade to {labelOf(higher)}
              </Button>
            )}
            {running && tier === 'team' && !ends && next !== 'pro' && (
              <Button
                because={lacks}
                busy={downgrade.busy}
                onClick={() => void downgrade.run({ params, body: { tier: 'pro' } })}
              >
                Change to {labelOf('pro')} at the end of the period
              </Button>
            )}
            {status === 'paused' && (
              <Button look="primary" because={lacks} busy={resume.busy} onClick={() => void resume.run({ params })}>
                Resume
              </Button>
            )}
            {(ends || next) && (
              <Button
                look="primary"
                because={lacks}
                busy={reactivate.busy}
                onClick={() => void reactivate.run({ params })}
              >
                Keep the plan
              </Button>
            )}
            {!ends && (
              <>
                {running && (
                  <Button because={lacks} busy={pause.busy} onClick={() => void pause.run({ params })}>
                    Pause
                  </Button>
                )}
                <Button look="danger" because={lacks} onClick={() => setAsking(true)}>
                  Cancel
                </Button>
              </>
            )}
          </div>
        )}
        {[upgrade, downgrade, reactivate, pause, resume].map(({ error }, at) => (
          <CommandError key={at} error={error} />
        ))}
      </div>
      <AlertDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Cancel the plan ${labelOf(tier)}?`}
        keep="Keep the plan"
        act="Cancel the plan"
        busy={cancel.busy}
        error={cancel.error}
        onAct={() => void cancel.run({ params, query: {} }).then((answer) => answer && setAsking(false))}
      >
        It stays until the end of the period that is paid. Then the rights are those of the free plan.
      </AlertDialog>
    </Card>
  );
}
