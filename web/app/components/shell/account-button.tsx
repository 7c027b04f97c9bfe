import { forwardRef, type ButtonHTMLAttributes } from 'react';

const initials = (name: string) =>
  name
    .split(/[\s@._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');

export const AccountButton = forwardRef<
  HTMLButtonElement,
  { name: string } & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'name'>
>(function AccountButton({ name, ...rest }, ref) {
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      {...rest}
      ref={ref}
      aria-label={`Account of ${name}`}
      className="flex size-8 shrink-0 items-center justify-center rounded-full pointer-coarse:size-11"
    >
      {/* Not text: spoken names would have to contain it. */}
      <span
        data-initials={initials(name)}
        className="flex size-7 items-center justify-center rounded-full border bg-subtle text-xs font-medium text-soft before:content-[attr(data-initials)]"
      />
    </button>
  );
});
