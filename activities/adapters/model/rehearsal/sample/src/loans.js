import { addMonths, daysBetween } from './calendar.js';
import { Refusal } from './refusal.js';
import { findLoan, openLoan } from './shed.js';

const MONTHS = 1;
const LATE_CENTS_A_DAY = 20;
const LATE_CENTS_AT_MOST = 500;

/** Lends a thing to a member from a day on. */
export function borrow(shed, { thing, member }, day) {
  const wanted = shed.things.get(thing);
  if (!wanted) throw new Refusal(404, `The shed has no "${thing}".`);
  if (!shed.members.has(member)) throw new Refusal(404, `"${member}" is not a member.`);
  const out = openLoan(shed, thing);
  if (out) throw new Refusal(409, `${wanted.name} is out until ${out.due}.`);

  const loan = { id: String(shed.loans.size + 1), thing, member, from: day, due: addMonths(day, MONTHS), returned: null };
  shed.loans.set(loan.id, loan);
  return loan;
}

/** Takes a thing back. The answer says what the member puts into the coffee tin. */
export function giveBack(shed, id, day) {
  const loan = findLoan(shed, id);
  if (loan.returned) throw new Refusal(409, `Loan ${id} ended on ${loan.returned}.`);
  loan.returned = day;
  return { ...loan, late_cents: lateCents(loan.due, day) };
}

export function lateCents(due, day) {
  const late = Math.max(0, daysBetween(due, day));
  return Math.min(late * LATE_CENTS_A_DAY, LATE_CENTS_AT_MOST);
}
