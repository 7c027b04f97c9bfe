import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type ReactNode, type RefObject } from 'react';

/** Pixels of a card until it is measured. */
const cardHeight = 84;
const gap = 8;

/**
 * The cards of a column that are in view, and a few beside them. The one that has the focus or is dragged stays with its
 * neighbours, however far the list is scrolled: else the keys would lose their place, and the browser ends the drag of
 * an element that is gone.
 */
export function CardList<C extends { id: string }>({
  cards,
  scrolls,
  size,
  children,
}: {
  cards: readonly C[];
  /** The element around it that scrolls. */ scrolls: RefObject<HTMLElement>;
  /** How many cards there are, with those that are not loaded; -1: unknown. */ size: number;
  children: (card: C) => ReactNode;
}) {
  const list = useRef<HTMLUListElement>(null);
  const [heldId, hold] = useState<string>();
  const held = heldId === undefined ? -1 : cards.findIndex(({ id }) => id === heldId);
  const virtual = useVirtualizer({
    count: cards.length,
    getScrollElement: () => scrolls.current,
    getItemKey: (index) => cards[index]?.id ?? index,
    estimateSize: () => cardHeight,
    gap,
    overscan: 6,
    scrollMargin: list.current?.offsetTop ?? 0,
    // What the server draws, which has no window.
    initialRect: { width: 300, height: 900 },
    rangeExtractor: (range) => {
      const beside = held < 0 ? [] : [held - 1, held, held + 1].filter((index) => index >= 0 && index < range.count);
      return [...new Set([...defaultRangeExtractor(range), ...beside])].sort((a, b) => a - b);
    },
  });
  const drawn = virtual.getVirtualItems();
  const top = virtual.options.scrollMargin;
  return (
    <ul ref={list} className="flow-root" style={{ minHeight: virtual.getTotalSize() }}>
      {drawn.map(({ index, key, start }, n) => {
        const card = cards[index];
        return (
          card && (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              aria-setsize={size}
              aria-posinset={index + 1}
              style={{ marginTop: start - (drawn[n - 1]?.end ?? top) }}
              onFocus={() => hold(card.id)}
              onPointerDown={() => hold(card.id)}
            >
              {children(card)}
            </li>
          )
        );
      })}
    </ul>
  );
}
