import { Link, type LinkProps } from '@remix-run/react';
import { forwardRef, type ButtonHTMLAttributes, type MouseEvent, type ReactNode } from 'react';
import { LoaderCircle } from 'lucide-react';
import { Tooltip } from './tooltip.tsx';

type Look = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'sm' | 'md';

const looks: Record<Look, string> = {
  primary: 'bg-ink text-on-ink border-transparent enabled:hover:opacity-85 [a&]:hover:opacity-85',
  secondary: 'bg-card text-text border-line-strong hover:bg-hover active:bg-subtle',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-hover hover:text-text active:bg-subtle',
  danger: 'bg-card text-bad border-line-strong hover:bg-bad-soft hover:border-bad/40',
};
const sizes: Record<Size, string> = {
  sm: 'h-7 px-2 text-xs gap-1.5 pointer-coarse:min-h-11',
  md: 'h-(--control) px-3.5 text-sm gap-2',
};

/** The shape of a button, for what is none: a download, a label. */
export const buttonShape = (look: Look = 'secondary', size: Size = 'md', extra = '') =>
  `inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 ${sizes[size]} ${looks[look]} ${extra}`;

interface Shape {
  look?: Look;
  size?: Size;
  children: ReactNode;
}

const refuse = (event: MouseEvent) => {
  event.preventDefault();
  event.stopPropagation();
};

/**
 * `because`: why the button is disabled. It keeps its place in the order of keys, and says the reason on hover, on
 * focus and to screen readers.
 */
export const Button = forwardRef<
  HTMLButtonElement,
  Shape & { busy?: boolean; because?: string } & ButtonHTMLAttributes<HTMLButtonElement>
>(function Button(
  { look = 'secondary', size = 'md', busy = false, because, className, children, disabled, title, onClick, ...rest },
  ref,
) {
  const button = (
    <button
      type="button"
      {...rest}
      ref={ref}
      onClick={because ? refuse : onClick}
      disabled={!because && (disabled || busy)}
      aria-disabled={because ? true : undefined}
      aria-busy={busy || undefined}
      className={buttonShape(look, size, className)}
    >
      {busy && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {children}
      {because && <span className="sr-only">({because})</span>}
    </button>
  );
  const words = because ?? title;
  return words ? <Tooltip text={words}>{button}</Tooltip> : button;
});

export function ButtonLink({ look, size, className, ...rest }: Shape & LinkProps) {
  return <Link {...rest} className={buttonShape(look, size, className)} />;
}

export const IconButton = forwardRef<
  HTMLButtonElement,
  {
    label: string;
    /** Where the name is shown on hover. */ side?: 'top' | 'right' | 'bottom';
    children: ReactNode;
  } & ButtonHTMLAttributes<HTMLButtonElement>
>(function IconButton({ label, side, children, className = '', ...rest }, ref) {
  return (
    <Tooltip text={label} side={side}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        ref={ref}
        className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-hover hover:text-text active:bg-subtle disabled:opacity-50 pointer-coarse:size-11 ${className}`}
      >
        {children}
      </button>
    </Tooltip>
  );
});
