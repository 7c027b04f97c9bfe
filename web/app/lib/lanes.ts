/** The specs that have lanes, in their order; null: one lane without a title. */
export type Lanes = readonly { id: string; title: string }[] | null;

interface Lane<C> {
  id: string;
  /** Undefined where there is only one. */
  title?: string;
  cards: C[];
}

/** The cards of a column by their specs, in the order of the lanes; those without a spec come last. */
export function lanesOf<C extends { spec_id: string | null }>(cards: readonly C[], lanes: Lanes): Lane<C>[] {
  if (!lanes) return [{ id: 'all', cards: [...cards] }];
  const known = new Set(lanes.map(({ id }) => id));
  const own = lanes.map(({ id, title }) => ({ id, title, cards: cards.filter((card) => card.spec_id === id) }));
  const others = cards.filter((card) => card.spec_id === null);
  const older = cards.filter((card) => card.spec_id !== null && !known.has(card.spec_id));
  return [
    ...own,
    { id: 'older', title: 'Older specs', cards: older },
    { id: 'none', title: 'Without a spec', cards: others },
  ].filter((lane) => lane.cards.length > 0);
}
