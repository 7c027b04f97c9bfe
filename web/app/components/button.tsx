import { Link, type LinkProps } from '@remix-run/react';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { LoaderCircle } from 'lucide-react';

type Look = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'sm' | 'md';

const looks: Record<Look, string> = {
  primary: 'bg-ink text-on-ink hover:opacity-90 border-transparent',
  secondary: 'bg-card text-text border-line-strong hover:bg-hover',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-hover hover:text-text',
  danger: 'bg-card text-bad border-line-strong hover:bg-bad-soft',
};
const sizes: Record<Size, string> = { sm: 'h-7 px-2 text-xs gap-1.5', md: 'h-9 px-3.5 text-sm gap-2' };

const classes = (look: Look, size: Size, extra = '') =>
  `inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-50 pointer-coarse:min-h-11 ${sizes[size]} ${looks[look]} ${extra}`;

interface Shape {
  look?: Look;
  size?: Size;
  children: ReactNode;
}

/** `because`: why the button is disabled, shown on hover and read by screen readers. */
export function Button({
  look = 'secondary',
  size = 'md',
  busy = false,
  because,
  className,
  children,
  disabled,
  ...rest
}: Shape & { busy?: boolean; because?: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy || because !== undefined}
      title={because ?? rest.title}
      aria-busy={busy || undefined}
      className={classes(look, size, className)}
    >
      {busy && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {children}
      {because && <span className="sr-only">({because})</span>}
    </button>
  );
}

export function ButtonLink({ look = 'secondary', size = 'md', className, ...rest }: Shape & LinkProps) {
  return <Link {...rest} className={classes(look, size, className)} />;
}

export function IconButton({
  label,
  children,
  className = '',
  ...rest
}: { label: string; children: ReactNode } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-hover hover:text-text pointer-coarse:size-11 ${className}`}
    >
      {children}
    </button>
  );
}
