import { Refusal } from './refusal.js';
import { openLoan } from './shed.js';

/** Ids of the members who wait for a thing, the first to ask first. */
export function waitingFor(shed, thing) {
  return shed.waiting.get(thing) ?? [];
}

/** Puts a member's name down for a thing that is out. */
export function reserve(shed, thing, { member }) {
  const wanted = shed.things.get(thing);
  if (!wanted) throw new Refusal(404, `The shed has no "${thing}".`);
  const who = shed.members.get(member);
  const loan = openLoan(shed, thing);
  if (!loan) throw new Refusal(409, `${wanted.name} is in the shed: just borrow it.`);
  if (loan.member === who.id) throw new Refusal(409, `${wanted.name} is with you already.`);

  const waiting = waitingFor(shed, thing);
  if (waiting.includes(who.id)) throw new Refusal(409, `${who.name} is on the list already.`);
  shed.waiting.set(thing, [...waiting, who.id]);
  return { thing, member: who.id, place: waiting.length + 1 };
}
