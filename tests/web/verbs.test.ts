import { orderText, readOrder, verbs } from '../../web/app/lib/verbs.ts';

const read = (query: string) => {
  const order = readOrder(query);
  return order && ('missing' in order ? `? ${order.missing}` : orderText(order));
};

describe('orders that are typed into the palette', () => {
  test.each([
    ['approve all green gates', 'Approve all green gates'],
    ['Approve all gre', 'Approve all green gates'],
    ['approve all gates', 'Approve all green gates'],
    ['approve export tasks', 'Approve the gates of specs named “export tasks”'],
    ['steer tsk-5: use port 8020', 'Steer TSK-5: use port 8020'],
    ['steer TSK-5 use port 8020: not 80', 'Steer TSK-5: use port 8020: not 80'],
    ['pause all', 'Pause all runs'],
    ['resume TSK-3', 'Resume TSK-3'],
    ['steer TSK-5', '? Type what the agent has to know: steer TSK-5: words'],
    ['stop ', '? Type the key of a task: stop TSK-5'],
    ['stop TSK-1 now', undefined],
    ['stop all', '? Type the key of a task: stop TSK-5'],
    ['retry', undefined],
    ['the retry of payments', undefined],
  ])('%s', (query, meant) => {
    expect(read(query)).toBe(meant);
  });

  test('the example of each verb is the beginning of an order', () => {
    expect(verbs.map(({ example }) => readOrder(example)?.verb.name)).toEqual(verbs.map(({ name }) => name));
  });
});
