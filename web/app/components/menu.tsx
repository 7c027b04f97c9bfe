import * as RadixMenu from 'radix-ui/dropdown-menu';
import * as RadixPopover from 'radix-ui/popover';
import type { ReactElement, ReactNode } from 'react';

const box = 'z-40 min-w-44 animate-pop rounded-md border bg-pop shadow-pop outline-none';

/** A list of commands behind a button. */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <RadixMenu.Root>
      <RadixMenu.Trigger asChild>{trigger}</RadixMenu.Trigger>
      <RadixMenu.Portal>
        <RadixMenu.Content align="end" sideOffset={4} collisionPadding={8} className={`${box} p-1`}>
          {children}
        </RadixMenu.Content>
      </RadixMenu.Portal>
    </RadixMenu.Root>
  );
}

const item = (danger: boolean) =>
  `flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 text-sm outline-none data-disabled:cursor-not-allowed data-disabled:text-muted data-highlighted:bg-hover pointer-coarse:min-h-11 ${danger ? 'text-bad' : ''}`;

export function MenuItem({
  children,
  danger = false,
  because,
  onSelect,
}: {
  children: ReactNode;
  danger?: boolean;
  /** Why it is disabled. */ because?: string;
  onSelect: () => void;
}) {
  return (
    <RadixMenu.Item disabled={because !== undefined} onSelect={onSelect} className={item(danger)}>
      {children}
      {because && <span className="ml-auto text-xs">{because}</span>}
    </RadixMenu.Item>
  );
}

/** A file to save. */
export const MenuDownload = ({ href, name, children }: { href: string; name: string; children: ReactNode }) => (
  <RadixMenu.Item asChild className={item(false)}>
    <a href={href} download={name}>
      {children}
    </a>
  </RadixMenu.Item>
);

/** Closes the small window when its link is followed. */
export const ClosesPopover = ({ children }: { children: ReactElement }) => (
  <RadixPopover.Close asChild>{children}</RadixPopover.Close>
);

/** A small window at a button, for more than commands. */
export function Popover({
  trigger,
  title,
  opened = false,
  children,
}: {
  trigger: ReactElement;
  title: string;
  /** Open from the start. */ opened?: boolean;
  children: ReactNode;
}) {
  return (
    <RadixPopover.Root defaultOpen={opened}>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={title}
          className={`${box} max-h-(--radix-popover-content-available-height) w-72 overflow-y-auto`}
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
