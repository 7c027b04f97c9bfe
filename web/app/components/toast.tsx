import * as Radix from 'radix-ui/toast';
import { X } from 'lucide-react';
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { Button, IconButton } from './button.tsx';

interface Note {
  id: number;
  text: string;
  undo?: () => void;
}

const ToastContext = createContext<(text: string, undo?: () => void) => void>(() => undefined);

/** Shows that something was done, with a way to undo it where there is one. Screen readers say it. */
export const useToast = () => useContext(ToastContext);

let last = 0;
const shownMs = 6000;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [notes, setNotes] = useState<Note[]>([]);
  const show = useCallback(
    (text: string, undo?: () => void) => setNotes((known) => [...known.slice(-2), { id: ++last, text, undo }]),
    [],
  );
  const remove = (id: number) => setNotes((known) => known.filter((note) => note.id !== id));
  return (
    <ToastContext.Provider value={show}>
      <Radix.Provider duration={shownMs} swipeDirection="right">
        {children}
        {notes.map((note) => (
          <Radix.Root
            key={note.id}
            onOpenChange={(open) => !open && remove(note.id)}
            className="flex animate-arrive items-center gap-2 rounded-md border bg-pop py-1.5 pr-1.5 pl-3 text-sm shadow-pop"
          >
            <Radix.Description className="min-w-0 flex-1 break-words">{note.text}</Radix.Description>
            {note.undo && (
              <Radix.Action asChild altText={`Undo: ${note.text}`}>
                <Button size="sm" onClick={note.undo}>
                  Undo
                </Button>
              </Radix.Action>
            )}
            <Radix.Close asChild>
              <IconButton label="Dismiss">
                <X aria-hidden className="size-4" />
              </IconButton>
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className="fixed right-0 bottom-14 z-50 flex w-96 max-w-full flex-col gap-2 p-4 outline-none md:bottom-0" />
      </Radix.Provider>
    </ToastContext.Provider>
  );
}
