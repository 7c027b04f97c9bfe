import { Refusal } from './refusal.js';

/** Everything the shed knows. Loans are numbered from 1 in the order they were made. */
export function createShed({ things, members }) {
  return {
    things: new Map(things.map((thing) => [thing.id, thing])),
    members: new Map(members.map((member) => [member.id, member])),
    loans: new Map(),
  };
}

export function listThings(shed) {
  return [...shed.things.values()].map((thing) => ({ ...thing, out_until: openLoan(shed, thing.id)?.due ?? null }));
}

export function findLoan(shed, id) {
  const loan = shed.loans.get(id);
  if (!loan) throw new Refusal(404, `There is no loan ${id}.`);
  return loan;
}

/** The loan a thing is out with, if it is out. */
export function openLoan(shed, thing) {
  return [...shed.loans.values()].find((loan) => loan.thing === thing && !loan.returned);
}

export const inventory = {
  things: [
    { id: 'tent', name: 'The four-person tent' },
    { id: 'press', name: 'The cider press' },
    { id: 'ladder', name: 'The long ladder' },
    { id: 'drill', name: 'The good drill' },
  ],
  members: [
    { id: 'ada', name: 'Ada' },
    { id: 'bo', name: 'Bo' },
    { id: 'carmen', name: 'Carmen' },
    { id: 'ute', name: 'Ute' },
  ],
};
