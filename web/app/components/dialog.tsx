import * as Radix from 'radix-ui/dialog';
import * as RadixAlert from 'radix-ui/alert-dialog';
import { X } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { Button, IconButton } from './button.tsx';
import { CommandError } from './error-card.tsx';

const veil = 'fixed inset-0 z-40 bg-[light-dark(rgb(10_10_10/0.35),rgb(0_0_0/0.6))]';
const box =
  'fixed top-[max(1rem,10vh)] left-1/2 z-40 max-h-[calc(90vh-1rem)] w-[calc(100vw-2rem)] -translate-x-1/2 overflow-y-auto rounded-lg border bg-pop shadow-pop outline-none';

/** Gives the focus back to the element that had it before: a field that takes the focus hides it from Radix. */
function useOpener(open: boolean) {
  const opener = useRef<Element | null>(null);
  const was = useRef(false);
  if (open && !was.current && typeof document !== 'undefined') opener.current = document.activeElement;
  was.current = open;
  return (event: Event) => {
    event.preventDefault();
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
}

/** The dialog itself takes the focus, unless a field of it asks for it: its first button would show its name at once. */
const focusBox = (event: Event) => {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
};

/** A modal dialog: it traps the focus, gives it back, and closes on Escape and on a click outside. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  wide = false,
  bare = false,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  wide?: boolean;
  /** Shows its content alone; only screen readers hear the title. */ bare?: boolean;
}) {
  const giveBack = useOpener(open);
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={veil} />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focusBox}
          onCloseAutoFocus={giveBack}
          className={`${box} animate-pop ${wide ? 'max-w-2xl' : 'max-w-md'} ${bare ? 'overflow-hidden' : 'p-4'}`}
        >
          {bare ? (
            <Radix.Title className="sr-only">{title}</Radix.Title>
          ) : (
            <header className="mb-3 flex items-start justify-between gap-4">
              <Radix.Title className="min-w-0 pt-1 text-base font-semibold break-words">{title}</Radix.Title>
              <Radix.Close asChild>
                <IconButton label="Close">
                  <X aria-hidden className="size-4" />
                </IconButton>
              </Radix.Close>
            </header>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Asks before a step that cannot be undone. A click outside does not close it, and its first answer is to keep. */
export function AlertDialog({
  open,
  onClose,
  title,
  children,
  keep = 'Cancel',
  act,
  busy,
  error,
  wide = false,
  onAct,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** The answer that changes nothing. */ keep?: string;
  /** The step, as a verb with its object. */ act: string;
  busy?: boolean;
  error?: { message: string; requestId: string | null };
  /** For a text that is looked at first. */ wide?: boolean;
  onAct: () => void;
}) {
  const giveBack = useOpener(open);
  return (
    <RadixAlert.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={veil} />
        <RadixAlert.Content
          onCloseAutoFocus={giveBack}
          className={`${box} ${wide ? 'max-w-3xl' : 'max-w-md'} animate-pop p-4`}
        >
          <RadixAlert.Title className="text-base font-semibold break-words">{title}</RadixAlert.Title>
          <RadixAlert.Description asChild>
            <div className="mt-2 text-sm text-muted">{children}</div>
          </RadixAlert.Description>
          <CommandError error={error} />
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <RadixAlert.Cancel asChild>
              <Button>{keep}</Button>
            </RadixAlert.Cancel>
            <Button look="danger" busy={busy} onClick={onAct}>
              {act}
            </Button>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}

/** A panel that covers the left edge of a small window. */
export function Sheet({
  open,
  onClose,
  title,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}) {
  const giveBack = useOpener(open);
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={veil} />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focusBox}
          onCloseAutoFocus={giveBack}
          className="fixed inset-y-0 left-0 z-40 flex w-72 max-w-[85vw] animate-sheet flex-col border-r bg-side shadow-pop outline-none"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
