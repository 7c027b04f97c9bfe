import { Link, type LinkProps } from '@remix-run/react';
import { forwardRef } from 'react';

/** A link within text: underlined, so that its colour is not all that tells. */
export const TextLink = forwardRef<HTMLAnchorElement, LinkProps>(function TextLink({ className = '', ...rest }, ref) {
  return (
    <Link
      {...rest}
      ref={ref}
      className={`text-info underline decoration-current/40 underline-offset-2 hover:decoration-current ${className}`}
    />
  );
});
