import type { ApiError } from '#server/contracts/client.ts';
import { Button } from './button.tsx';
import { CommandError } from './error-card.tsx';

export function MoreButton({
  list: { more, busy, error },
}: {
  list: { more?: () => Promise<void>; busy: boolean; error?: ApiError };
}) {
  if (!more) return null;
  return (
    <div className="flex flex-col items-center gap-1 p-2">
      <Button size="sm" busy={busy} onClick={() => void more()}>
        Show more
      </Button>
      <CommandError error={error} />
    </div>
  );
}
