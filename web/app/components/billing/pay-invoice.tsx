import { payInvoice } from '#server/contracts/invoices.ts';
import { dollars } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { useToast } from '../toast.tsx';

/** Pays an invoice with the default card, and says what became of it. */
export function PayInvoice({
  invoice,
  look,
}: {
  invoice: { id: string; organization_id: string; invoice_number: string; amount_due: number };
  look?: 'primary';
}) {
  const lacks = useLacks('org:billing:write', invoice.organization_id);
  const toast = useToast();
  const pay = useCommand(payInvoice);
  const submit = async () => {
    const answer = await pay.run({ params: { id: invoice.id } });
    if (!answer) return;
    const { status, failure } = answer;
    if (status === 'paid') toast(`Invoice ${invoice.invoice_number} is paid.`);
    else toast(failure ?? 'The bank takes its time; this page shows when the payment has ended.');
  };
  return (
    <>
      <Button
        size={look ? undefined : 'sm'}
        look={look}
        busy={pay.busy}
        because={lacks}
        aria-label={`Pay ${dollars(invoice.amount_due)} of invoice ${invoice.invoice_number}`}
        onClick={() => void submit()}
      >
        Pay {dollars(invoice.amount_due)}
      </Button>
      <CommandError error={pay.error} />
    </>
  );
}
