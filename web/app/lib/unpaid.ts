import { createContext, useContext } from 'react';
import { z } from 'zod';
import type { ApiError } from '#server/contracts/client.ts';

const refusal = z.object({ reason: z.string(), organization_id: z.string(), billing_page: z.string() });

/** Work that did not start because its organization cannot pay for it. */
export type Unpaid = z.output<typeof refusal> & { message: string };

/** What a launch lacks that was refused for money; null for other errors, such as a card that Stripe declines. */
export function unpaidOf({ code, message, details }: ApiError): Unpaid | null {
  if (code !== 'payment_required') return null;
  const { data } = refusal.safeParse(details);
  return data ? { ...data, message } : null;
}

export const UnpaidContext = createContext<(unpaid: Unpaid, from: HTMLElement | null) => void>(() => undefined);

/**
 * Opens the dialog of what is to be paid. `from`: what started the work; it has the focus after the dialog, also when
 * it lost it because it was disabled while it waited.
 */
export const useShowUnpaid = () => useContext(UnpaidContext);
