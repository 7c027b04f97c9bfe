import { billingConfig } from '#server/contracts/billing.ts';
import type { Unpaid } from '../../lib/unpaid.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { useLacks } from '../../lib/viewer.ts';
import { ButtonLink } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { BuyCredit } from './buy.tsx';

/** Says why work did not start, and lets it be paid for: here, or by whom. */
export default function UnpaidDialog({ unpaid, onClose }: { unpaid: Unpaid; onClose: () => void }) {
  const { organization_id: id, reason, message, billing_page: page } = unpaid;
  const { answer: config } = useAnswer(billingConfig, {});
  const [cannotPay, cannotSee] = [useLacks('org:billing:write', id), useLacks('org:billing:read', id)];
  return (
    <Dialog open onClose={onClose} title="Not started: it is not paid for">
      <div className="space-y-4">
        <p className="text-sm">{message}</p>
        {cannotPay && (
          <p className="text-sm text-muted">{cannotPay}. An owner of the organization can buy credit or a plan.</p>
        )}
        {config?.is_configured === false && (
          <p className="text-sm text-muted">
            This installation takes no payments. Its operator sets the limits of plans.
          </p>
        )}
        {/* Credit does not lift a suspension: the unpaid invoice does. */}
        {config?.is_configured && !cannotPay && reason !== 'suspended' && <BuyCredit organizationId={id} />}
        {!cannotSee && (
          <div className="flex justify-end">
            <ButtonLink to={page}>{reason === 'suspended' ? 'Open billing' : 'See plans'}</ButtonLink>
          </div>
        )}
      </div>
    </Dialog>
  );
}
