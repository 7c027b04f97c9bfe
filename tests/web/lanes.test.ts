import { lanesOf } from '../../web/app/lib/lanes.ts';

const card = (id: string, spec_id: string | null) => ({ id, spec_id });

test('[WEB-14] cards lie in the lanes of their specs, each once, and in one lane where none are wanted', () => {
  const cards = [card('1', 'b'), card('2', null), card('3', 'a'), card('4', 'gone'), card('5', 'b')];
  const lanes = [
    { id: 'a', title: 'A' },
    { id: 'b', title: 'B' },
    { id: 'c', title: 'C' },
  ];
  expect(lanesOf(cards, lanes).map(({ title, cards: own }) => [title, own.map(({ id }) => id)])).toEqual([
    ['A', ['3']],
    ['B', ['1', '5']],
    ['Older specs', ['4']],
    ['Without a spec', ['2']],
  ]);
  expect(lanesOf(cards, null)).toEqual([{ id: 'all', cards }]);
});
