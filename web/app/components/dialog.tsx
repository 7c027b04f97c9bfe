import { useEffect, useRef, type ReactNode } from 'react';
import { X } from 'lucide-react';
import { IconButton } from './button.tsx';

/** A modal dialog. The browser traps and restores the focus, and closes it on Escape. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  wide = false,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  wide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open && dialog.current?.open) dialog.current.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      className={`m-auto w-[calc(100vw-2rem)] rounded-lg border bg-card p-0 shadow-pop ${wide ? 'max-w-2xl' : 'max-w-md'}`}
    >
      {open && (
        <div className="p-4">
          <header className="mb-3 flex items-center justify-between gap-4">
            <h2 className="text-base font-semibold">{title}</h2>
            <IconButton label="Close" onClick={() => dialog.current?.close()}>
              <X aria-hidden className="size-4" />
            </IconButton>
          </header>
          {children}
        </div>
      )}
    </dialog>
  );
}
