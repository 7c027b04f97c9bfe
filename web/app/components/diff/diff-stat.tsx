export function DiffStat({ added, removed }: { added: number; removed: number }) {
  return (
    <span className="figures text-xs whitespace-nowrap">
      <span className="text-good">+{added}</span> <span className="text-bad">−{removed}</span>
      <span className="sr-only"> lines added and removed</span>
    </span>
  );
}
