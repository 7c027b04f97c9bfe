import { Download } from 'lucide-react';
import { useState } from 'react';
import type { Contract } from '#server/contracts/contract.ts';
import { type ApiError, type Input } from '#server/contracts/client.ts';
import { asApiError } from '../../lib/browser-api.ts';
import { saveFile } from '../../lib/costs.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';

/** Saves the rows of a call as a file that spreadsheets read. */
export function SaveButton<C extends Contract>({
  contract,
  input,
  name,
}: {
  contract: C;
  input: Input<C>;
  name: string;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const save = async () => {
    setBusy(true);
    setError(undefined);
    await saveFile(contract, input, name).catch((caught: unknown) => setError(asApiError(caught)));
    setBusy(false);
  };
  return (
    <span className="flex flex-wrap items-center gap-2">
      <CommandError error={error} />
      <Button size="sm" busy={busy} onClick={() => void save()}>
        <Download aria-hidden className="size-3.5" /> Save as CSV
      </Button>
    </span>
  );
}
