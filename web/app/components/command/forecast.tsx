import { forecastCost } from '#server/contracts/costs.ts';
import { money } from '../../lib/format.ts';
import { useAnswer } from '../../lib/use-answer.ts';

/** What a launch would cost, as a range and with its basis. Nothing where the viewer may not see costs. */
export function ForecastLine({ project, mode }: { project: string; mode: 'quick' | 'spec_driven' }) {
  const { answer } = useAnswer(forecastCost, { body: { project_id: project || undefined, mode } });
  if (!answer) return null;
  return (
    <p>
      Forecast: <span className="figures">{money(answer.low_micros)}</span> to{' '}
      <span className="figures">{money(answer.high_micros)}</span>, most likely{' '}
      <span className="figures">{money(answer.mid_micros)}</span>. {answer.message}
      {answer.refused_by && (
        <span className="text-warn">
          {' '}
          The budget of this {answer.refused_by.scope_type === 'global'
            ? 'organization'
            : answer.refused_by.scope_type}{' '}
          has {money(Math.round(answer.refused_by.remaining_amount * 1e6))} left: the work may wait for more.
        </span>
      )}
    </p>
  );
}
