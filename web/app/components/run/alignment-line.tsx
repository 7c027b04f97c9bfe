import { percent } from '../../lib/format.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';

const [width, height] = [220, 64];

/** Alignment by turn, the steering threshold, and a mark at each intervention of the guardian. */
export function AlignmentLine({ analyses, interventions }: Pick<RunStream, 'analyses' | 'interventions'>) {
  const points = analyses
    .flatMap((analysis) =>
      analysis.alignment_score === null
        ? []
        : [{ id: analysis.id, turn: Number(analysis.turn), score: analysis.alignment_score }],
    )
    .reverse();
  const [first, last] = [points[0]?.turn ?? 0, points.at(-1)?.turn ?? 1];
  const x = (turn: number) => 4 + ((turn - first) / Math.max(1, last - first)) * (width - 8);
  const y = (score: number) => 4 + (1 - score) * (height - 8);
  return (
    <figure>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        className="w-full"
        role="img"
        aria-label={`Alignment by turn: ${points.map((point) => `${point.turn}: ${percent(point.score)}`).join(', ')}`}
      >
        <line x1="0" x2={width} y1={y(0.7)} y2={y(0.7)} className="stroke-line-strong" strokeDasharray="3 3" />
        <polyline
          points={points.map((point) => `${x(point.turn)},${y(point.score)}`).join(' ')}
          fill="none"
          className="stroke-ink"
          strokeWidth="1.5"
          strokeLinejoin="round"
        />
        {points.map((point) => {
          const marked = interventions.some((one) => one.analysis_id === point.id);
          return (
            <circle
              key={point.id}
              cx={x(point.turn)}
              cy={y(point.score)}
              r={marked ? 4 : 2}
              className={marked ? 'fill-gold-deep' : 'fill-ink'}
            >
              <title>{`Turn ${point.turn}: ${percent(point.score)}${marked ? ', the guardian intervened' : ''}`}</title>
            </circle>
          );
        })}
      </svg>
      <figcaption className="mt-1 flex justify-between text-xs text-muted">
        <span>
          turn <span className="figures">{first}</span>
        </span>
        <span>below the line the guardian steers</span>
        <span>
          turn <span className="figures">{last}</span>
        </span>
      </figcaption>
    </figure>
  );
}
