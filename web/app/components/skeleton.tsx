/** The space of something that loads, in its final layout. */
export function Skeleton({ rows = 3, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} aria-busy className="space-y-2 p-4">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={`h-5 animate-pulse rounded-sm bg-subtle ${['w-full', 'w-5/6', 'w-2/3'][row % 3]}`} />
      ))}
    </div>
  );
}
