/** The logo of OmoiOS. */
export function Mark({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={`shrink-0 ${className}`} aria-hidden>
      <rect width="32" height="32" rx="7" fill="#1a150d" />
      <path d="M21.5 19.6A7.5 7.5 0 1 1 13.2 9.4a6 6 0 0 0 8.3 10.2Z" fill="#ffd04a" />
      <circle cx="22" cy="10" r="1.6" fill="#ff8a2a" />
    </svg>
  );
}
