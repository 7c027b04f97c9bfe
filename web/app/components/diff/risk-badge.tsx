import type { FileRisk } from '#workflows/domain/merge/risk.ts';
import { Badge } from '../badge.tsx';

/** Why a file needs attention, or none. */
export function RiskBadge({ risk: { level, mechanical, reasons } }: { risk: FileRisk }) {
  if (mechanical) return <Badge title="Made by a program, or only moved">mechanical</Badge>;
  if (level === 'low') return null;
  const title = reasons.join(', ');
  return (
    <Badge tone={level === 'high' ? 'bad' : 'warn'} title={title}>
      {level} risk<span className="sr-only">: {title}</span>
    </Badge>
  );
}
