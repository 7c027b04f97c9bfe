import { addMonths, daysBetween } from './calendar.js';
import { Refusal } from './refusal.js';
import { findLoan } from './shed.js';

const RENEWALS_AT_MOST = 2;

/** Extends a loan by a month from the day it is due, so that renewing early costs nothing. */
export function renew(shed, id, day) {
  const loan = findLoan(shed, id);
  const renewals = loan.renewals ?? 0;
  if (loan.returned) throw new Refusal(409, `Loan ${id} ended on ${loan.returned}.`);
  if (daysBetween(loan.due, day) > 0) throw new Refusal(409, `It was due on ${loan.due}. Please bring it back first.`);
  if (renewals >= RENEWALS_AT_MOST) throw new Refusal(409, `A loan is renewed ${RENEWALS_AT_MOST} times at most.`);

  loan.due = addMonths(loan.due, 1);
  loan.renewals = renewals + 1;
  return loan;
}
