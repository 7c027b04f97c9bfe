import { Copy } from 'lucide-react';
import { shortId } from '../lib/format.ts';
import { useToast } from './toast.tsx';
import { Tooltip } from './tooltip.tsx';

/** The first eight characters of an id; a click copies all of it. `name`: what it is the id of. */
export function Id({ id, name }: { id: string; name: string }) {
  const toast = useToast();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(id);
      toast(`${name} copied`);
    } catch {
      // Without https, a browser has no clipboard for pages.
      toast(`This browser does not let the page copy. ${name}: ${id}`);
    }
  };
  return (
    <Tooltip text={id}>
      <button
        type="button"
        onClick={() => void copy()}
        className="figures inline-flex min-h-6 items-center gap-1 rounded-sm hover:text-text hover:underline"
      >
        <span className="sr-only">Copy {name} </span>
        {shortId(id)}
        <Copy aria-hidden className="size-3 text-muted" />
      </button>
    </Tooltip>
  );
}
