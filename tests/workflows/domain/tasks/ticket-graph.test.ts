import fc from 'fast-check';
import {
  blockedReason,
  openNodes,
  readyNodes,
  type GraphNode,
  type GraphWork,
} from '#workflows/domain/tasks/ticket-graph.ts';

const node = (id: string, waitsFor: string[] = [], own: Partial<GraphNode> = {}): GraphNode => ({
  id,
  title: `Task ${id}`,
  waits_for: waitsFor,
  waits_outside: false,
  joined: false,
  cancelled: false,
  ...own,
});
const graphOf = (...nodes: GraphNode[]) => new Map(nodes.map((item) => [item.id, item]));
const idle: GraphWork = { started: new Set(), stuck: new Map() };
const ids = (nodes: GraphNode[]) => nodes.map(({ id }) => id);
const blockedBy = (graph: Map<string, GraphNode>, work: Partial<GraphWork> = {}) =>
  blockedReason(graph, openNodes(graph), { ...idle, ...work });

/** Graphs without cycles, of up to eight nodes: each waits for some of those before it. */
const acyclic = fc
  .array(
    fc.record({ waits: fc.array(fc.nat(7), { maxLength: 3 }), state: fc.constantFrom('open', 'joined', 'cancelled') }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drawn) =>
    graphOf(
      ...drawn.map(({ waits, state }, i) =>
        node(String(i), waits.filter((other) => other < i).map(String), {
          joined: state === 'joined',
          cancelled: state === 'cancelled',
        }),
      ),
    ),
  );

describe('which nodes can start', () => {
  test('a node starts once all that it waits for is joined', () => {
    const [first, second, third] = [node('a'), node('b', ['a']), node('c', ['a', 'b'])];
    expect(ids(readyNodes(graphOf(first, second, third), new Set()))).toEqual(['a']);
    expect(ids(readyNodes(graphOf({ ...first, joined: true }, second, third), new Set()))).toEqual(['b']);
  });

  test('a node that waits for other work does not start, and an unknown id holds nothing up', () => {
    const graph = graphOf(node('a', [], { waits_outside: true }), node('b', ['elsewhere']));
    expect(ids(readyNodes(graph, new Set()))).toEqual(['b']);
  });

  test('a node with a quorum starts once so many are joined, also of other tickets, and is cut off when they cannot be', () => {
    const after = (quorum: number, ...states: ('open' | 'joined' | 'cancelled')[]) => {
      const before = states.map((state, i) =>
        node(String(i), [], { joined: state === 'joined', cancelled: state === 'cancelled' }),
      );
      const waiting = node('w', [...before.map(({ id }) => id), 'elsewhere'], { quorum, outside_open: 1 });
      const graph = graphOf(...before, waiting);
      const started = new Set(before.map(({ id }) => id));
      return {
        ready: ids(readyNodes(graph, started)).includes('w'),
        cut: blockedBy(graph, { started, stuck: new Map() })?.kind === 'waits_for_cancelled',
      };
    };
    expect(after(2, 'joined', 'open', 'open')).toEqual({ ready: false, cut: false });
    expect(after(2, 'joined', 'joined', 'open')).toEqual({ ready: true, cut: false });
    expect(after(2, 'joined', 'joined', 'cancelled')).toEqual({ ready: true, cut: false });
    expect(after(3, 'joined', 'cancelled', 'cancelled')).toEqual({ ready: false, cut: true });
    expect(after(2, 'joined', 'cancelled', 'cancelled')).toEqual({ ready: false, cut: false });
  });

  test('no node starts twice, or before those it waits for, or once it is cancelled', () => {
    fc.assert(
      fc.property(acyclic, fc.array(fc.nat(7)), (graph, begun) => {
        const started = new Set(begun.map(String));
        for (const ready of readyNodes(graph, started)) {
          expect(started.has(ready.id) || ready.joined || ready.cancelled).toBe(false);
          expect(ready.waits_for.every((id) => graph.get(id)?.joined ?? true)).toBe(true);
        }
      }),
    );
  });

  test('joined as they become ready, all nodes are joined but those that wait for a cancelled one', () => {
    fc.assert(
      fc.property(acyclic, (graph) => {
        const started = new Set<string>();
        for (let ready = readyNodes(graph, started); ready.length > 0; ready = readyNodes(graph, started))
          for (const { id } of ready) {
            started.add(id);
            graph.set(id, { ...(graph.get(id) as GraphNode), joined: true });
          }
        const left = openNodes(graph);
        expect(left.every(({ waits_for: waits }) => waits.some((id) => !graph.get(id)?.joined))).toBe(true);
        expect(left.length === 0 || blockedBy(graph, { started })?.kind === 'waits_for_cancelled').toBe(true);
      }),
    );
  });
});

describe('why a graph is blocked', () => {
  const chain = () => graphOf(node('a'), node('b', ['a']));

  test('nothing blocks while a node is at work, or nodes are being joined', () => {
    expect(blockedBy(chain(), { started: new Set(['a']) })).toBeUndefined();
    const stuck = { started: new Set(['a']), stuck: new Map([['a', 'It failed.']]) };
    expect(blockedBy(chain(), { ...stuck, joining: true })).toBeUndefined();
  });

  test('a stuck node blocks only when no other one is at work', () => {
    const graph = graphOf(node('a'), node('b'));
    const stuck = new Map([['a', 'It failed.']]);
    expect(blockedBy(graph, { started: new Set(['a', 'b']), stuck })).toBeUndefined();
    expect(blockedBy(graph, { started: new Set(['a']), stuck })).toEqual({ kind: 'stuck', messages: ['It failed.'] });
  });

  test('a node that waits for a stuck one in the middle of its work is not at work', () => {
    const work = { started: new Set(['a', 'b']), stuck: new Map([['a', 'It failed.']]), suspended: new Set(['b']) };
    expect(blockedBy(graphOf(node('a'), node('b')), work)?.kind).toBe('stuck');
  });

  test('a failed join comes before broken nodes, and both before all others', () => {
    const broken = new Map([['a', 'It broke.']]);
    const work = { started: new Set(['b']), broken };
    expect(blockedBy(chain(), { ...work, failed: 'The merge failed.' })).toEqual({
      kind: 'failed',
      message: 'The merge failed.',
    });
    expect(blockedBy(chain(), work)).toEqual({ kind: 'broken', messages: ['It broke.'] });
  });

  test('a node that waits for a cancelled one is named', () => {
    const waiting = node('b', ['a']);
    expect(blockedBy(graphOf(node('a', [], { cancelled: true }), waiting))).toEqual({
      kind: 'waits_for_cancelled',
      node: waiting,
    });
  });
});
