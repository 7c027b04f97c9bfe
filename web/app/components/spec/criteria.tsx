import type { z } from 'zod';
import type { attemptSchema } from '#server/contracts/specs.ts';

type Attempt = Pick<z.output<typeof attemptSchema>, 'criteria' | 'vetoes' | 'judge' | 'feedback'>;

/** The score of an attempt: each criterion with its weight, then the defects that fail it whatever the score. */
export function Criteria({ attempt }: { attempt: Attempt }) {
  const { criteria, vetoes, judge } = attempt;
  const verdict = judge as { score?: number; passed?: boolean; reasons?: unknown } | null;
  if (!criteria) return <p className="text-xs text-muted">{attempt.feedback ?? 'Not evaluated yet.'}</p>;
  return (
    <div className="space-y-3">
      <table className="w-full text-left text-xs">
        <thead className="text-muted">
          <tr>
            <th className="py-1 pr-3 font-medium">Criterion</th>
            <th className="py-1 pr-3 text-right font-medium">Weight</th>
            <th className="py-1 text-right font-medium">Score</th>
          </tr>
        </thead>
        <tbody>
          {criteria.map((item) => (
            <tr key={item.name} className="border-t align-top">
              <td className="py-1 pr-3 break-words">{item.note ?? item.name.replace(/_/g, ' ')}</td>
              <td className="figures py-1 pr-3 text-right text-muted">{item.weight.toFixed(2)}</td>
              <td
                className={`figures py-1 text-right ${item.value >= 1 ? 'text-good' : item.value > 0 ? 'text-warn' : 'text-bad'}`}
              >
                {item.value.toFixed(2)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {vetoes && vetoes.length > 0 && (
        <div>
          <p className="text-xs font-medium text-bad">Defects that fail the attempt whatever its score</p>
          <ul className="mt-1 list-disc space-y-0.5 pl-5 text-xs">
            {vetoes.map((veto, index) => (
              <li key={index}>{veto.message}</li>
            ))}
          </ul>
        </div>
      )}
      {verdict && (
        <p className="text-xs">
          <span className="font-medium">Judge:</span> {verdict.passed ? 'passed' : 'not passed'}
          {typeof verdict.score === 'number' && ` (${verdict.score.toFixed(2)})`}{' '}
          {typeof verdict.reasons === 'string' ? verdict.reasons : ''}
        </p>
      )}
    </div>
  );
}
