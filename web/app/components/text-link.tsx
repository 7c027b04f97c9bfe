import { Link, type LinkProps } from '@remix-run/react';

/** A link within text: underlined, so that its colour is not all that tells. */
export const TextLink = ({ className = '', ...rest }: LinkProps) => (
  <Link
    {...rest}
    className={`text-info underline decoration-current/40 underline-offset-2 hover:decoration-current ${className}`}
  />
);
