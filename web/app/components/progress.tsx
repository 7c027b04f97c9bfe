/** A share of a whole as a bar. `quiet`: its number stands beside it, so screen readers need no bar. */
export function Progress({
  share,
  label,
  quiet = false,
  className = '',
}: {
  /** 0 to 1. */ share: number;
  label: string;
  quiet?: boolean;
  className?: string;
}) {
  const said = quiet
    ? { 'aria-hidden': true }
    : {
        role: 'progressbar',
        'aria-label': label,
        'aria-valuemin': 0,
        'aria-valuemax': 100,
        'aria-valuenow': Math.round(share * 100),
      };
  return (
    <span {...said} className={`block h-1.5 overflow-hidden rounded-full bg-subtle ${className}`}>
      <span
        className="block h-full rounded-full bg-ink transition-[width] duration-500"
        style={{ width: `${Math.min(100, share * 100)}%` }}
      />
    </span>
  );
}
