import { ApiError } from '#server/contracts/client.ts';
import { unpaidOf } from '../../web/app/lib/unpaid.ts';

const details = { reason: 'free_limit', organization_id: 'o', billing_page: '/organizations/o/billing' };
const refused = (code: string, given?: unknown) => unpaidOf(new ApiError(402, code, 'It costs.', null, given));

test('[WEB-28] a refusal of the gate of money is told from a declined card and from other errors', () => {
  expect(refused('payment_required', details)).toEqual({ ...details, message: 'It costs.' });
  expect(refused('payment_required')).toBeNull();
  expect(refused('conflict', details)).toBeNull();
});
