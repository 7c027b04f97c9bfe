import * as Radix from 'radix-ui/tooltip';
import type { ReactElement, ReactNode } from 'react';

/** Words about a control, on hover and on keyboard focus. The control has a name of its own besides. */
export function Tooltip({
  text,
  side = 'top',
  children,
}: {
  text: ReactNode;
  side?: 'top' | 'right' | 'bottom';
  children: ReactElement;
}) {
  return (
    <Radix.Root>
      {/* A focus that a closing dialog gives back to the mouse's button is no question about it. */}
      <Radix.Trigger asChild onFocus={(event) => event.target.matches(':focus-visible') || event.preventDefault()}>
        {children}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-72 animate-pop rounded-sm bg-ink px-2 py-1 text-xs text-on-ink shadow-pop"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const TooltipProvider = ({ children }: { children: ReactNode }) => (
  <Radix.Provider delayDuration={400} skipDelayDuration={200}>
    {children}
  </Radix.Provider>
);

/** A key, as printed on it. */
export const Key = ({ children }: { children: ReactNode }) => (
  <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong px-1 text-xs text-muted">
    {children}
  </kbd>
);
