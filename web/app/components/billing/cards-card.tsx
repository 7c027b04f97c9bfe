import { useEffect, useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { removePaymentMethod, updateBillingAccount, type listPaymentMethods } from '#server/contracts/payments.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Switch } from '../field.tsx';
import { OpenPortal } from './buy.tsx';

type Cards = Answer<typeof listPaymentMethods>['items'];

function CardLine({ organizationId, card }: { organizationId: string; card: Cards[number] }) {
  const lacks = useLacks('org:billing:write', organizationId);
  const remove = useCommand(removePaymentMethod);
  return (
    <li className="flex flex-wrap items-center justify-between gap-2 py-1 text-sm">
      <span>
        {card.label}
        <span className="ml-2 text-xs text-muted">
          until {card.expires}
          {card.is_default && ', used for payments'}
        </span>
      </span>
      <Button
        size="sm"
        look="quiet"
        because={lacks}
        busy={remove.busy}
        aria-label={`Remove ${card.label}`}
        onClick={() => void remove.run({ params: { id: organizationId, payment_method_id: card.id } })}
      >
        Remove
      </Button>
      <CommandError error={remove.error} />
    </li>
  );
}

/** The cards of an organization, and whether work beyond the plan is invoiced to them. */
export function CardsCard({
  organizationId,
  cards,
  autoBilling,
}: {
  organizationId: string;
  cards: Cards;
  autoBilling: boolean;
}) {
  const lacks = useLacks('org:billing:write', organizationId);
  const update = useCommand(updateBillingAccount);
  // The switch moves at once, and back where the answer is no.
  const [wanted, setWanted] = useState<boolean>();
  useEffect(() => setWanted(undefined), [autoBilling]);
  const change = async (on: boolean) => {
    setWanted(on);
    const done = await update.run({ params: { id: organizationId }, body: { auto_billing_enabled: on } });
    if (!done) setWanted(undefined);
  };
  return (
    <Card
      title="Cards"
      aside={
        <span className="flex flex-wrap gap-2">
          <OpenPortal organizationId={organizationId} flow="card">
            Add a card
          </OpenPortal>
          <OpenPortal organizationId={organizationId}>Receipts at Stripe</OpenPortal>
        </span>
      }
    >
      <div className="space-y-3">
        {cards.length === 0 ? (
          <p className="text-sm text-muted">
            There is no card. One is needed for invoices, not to buy credit or a plan.
          </p>
        ) : (
          <ul>
            {cards.map((card) => (
              <CardLine key={card.id} organizationId={organizationId} card={card} />
            ))}
          </ul>
        )}
        <Switch
          label="Invoice work that neither the plan nor credit covers"
          checked={wanted ?? autoBilling}
          aria-busy={update.busy || undefined}
          disabled={Boolean(lacks) || update.busy || (cards.length === 0 && !autoBilling)}
          onChange={(event) => void change(event.target.checked)}
        />
        <CommandError error={update.error} />
      </div>
    </Card>
  );
}
