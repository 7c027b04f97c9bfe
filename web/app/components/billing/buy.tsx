import { useState } from 'react';
import { buyCredits, openPortal } from '#server/contracts/payments.ts';
import { redeemPromoCode } from '#server/contracts/promo-codes.ts';
import { buyLifetime, subscribe } from '#server/contracts/subscriptions.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { FieldForm } from '../command-form.tsx';
import { CommandError } from '../error-card.tsx';
import { TextInput } from '../field.tsx';
import { useToast } from '../toast.tsx';

const go = (url: string | undefined) => {
  if (url) window.location.assign(url);
};

/** Leads to Stripe's page to buy a plan. */
export function BuyPlan({
  organizationId,
  tier,
  label,
  chosen,
}: {
  organizationId: string;
  tier: string;
  label: string;
  /** Whether the person came for this plan. */
  chosen: boolean;
}) {
  const lacks = useLacks('org:billing:write', organizationId);
  const [month, once] = [useCommand(subscribe), useCommand(buyLifetime)];
  const params = { id: organizationId };
  const buy = async () => {
    const session =
      tier === 'lifetime' ? await once.run({ params, body: {} }) : await month.run({ params, body: { tier } });
    go(session?.checkout_url);
  };
  return (
    <>
      <Button
        size="sm"
        look={chosen ? 'primary' : 'secondary'}
        autoFocus={chosen}
        because={lacks}
        busy={month.busy || once.busy}
        aria-label={`Buy the plan ${label}`}
        onClick={() => void buy()}
      >
        Buy
      </Button>
      <CommandError error={month.error ?? once.error} />
    </>
  );
}

/** Leads to Stripe's page to buy credit. */
export function BuyCredit({ organizationId }: { organizationId: string }) {
  const lacks = useLacks('org:billing:write', organizationId);
  const buy = useCommand(buyCredits);
  const [amount, setAmount] = useState('25');
  const submit = async () =>
    go((await buy.run({ params: { id: organizationId }, body: { amount_usd: Number(amount) } }))?.checkout_url);
  return (
    <FieldForm
      command={buy}
      act="Buy credit"
      because={lacks}
      label="Credit in dollars"
      hint="From 10 to 1,000. It pays for work beyond the plan."
      onSubmit={submit}
    >
      <TextInput
        type="number"
        inputMode="numeric"
        required
        min={10}
        max={1000}
        step={1}
        value={amount}
        onChange={(event) => setAmount(event.target.value)}
      />
    </FieldForm>
  );
}

export function RedeemCode({ organizationId }: { organizationId: string }) {
  const lacks = useLacks('org:billing:write', organizationId);
  const redeem = useCommand(redeemPromoCode);
  const toast = useToast();
  const [code, setCode] = useState('');
  const submit = async () => {
    const answer = await redeem.run({ params: { id: organizationId }, body: { code } });
    if (!answer) return;
    setCode('');
    toast(answer.message);
  };
  return (
    <FieldForm
      command={redeem}
      act="Redeem"
      because={lacks}
      label="Promo code"
      hint="It reduces the next purchase of a plan, or gives a plan at once."
      onSubmit={submit}
    >
      <TextInput required minLength={3} value={code} onChange={(event) => setCode(event.target.value)} />
    </FieldForm>
  );
}

/** Leads to Stripe's page for cards and invoices. */
export function OpenPortal({
  organizationId,
  flow,
  children,
}: {
  organizationId: string;
  flow?: 'card';
  children: string;
}) {
  const lacks = useLacks('org:billing:write', organizationId);
  const portal = useCommand(openPortal);
  const open = async () =>
    go((await portal.run({ params: { id: organizationId }, body: flow ? { flow } : {} }))?.portal_url);
  return (
    <>
      <Button size="sm" because={lacks} busy={portal.busy} onClick={() => void open()}>
        {children}
      </Button>
      <CommandError error={portal.error} />
    </>
  );
}
