import { usePresent } from '../../lib/live.tsx';
import { useViewer } from '../../lib/viewer.ts';

const several = new Intl.ListFormat('en');

/** Who else has the same page open. */
export function Present({ at }: { at: string }) {
  const me = useViewer().id;
  const others = usePresent(at).filter(({ user_id: id }) => id !== me);
  const names = [...new Map(others.map((one) => [one.user_id, one.name])).values()];
  return (
    <p role="status" className="text-sm text-soft empty:hidden">
      {names.length > 0 && `${several.format(names)} ${names.length === 1 ? 'is' : 'are'} here too`}
    </p>
  );
}
