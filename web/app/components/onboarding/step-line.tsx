import { Link } from '@remix-run/react';
import { Check } from 'lucide-react';
import type { OnboardingStep } from '#workflows/domain/access/onboarding.ts';

const names: Record<OnboardingStep, string> = {
  welcome: 'Organization',
  github: 'GitHub',
  repo: 'Repository',
  'first-spec': 'First feature',
  plan: 'Plan',
  complete: 'Done',
};

/** The steps in a line, as far as the user has come. An earlier one can be opened again. */
export function StepLine({ steps, current }: { steps: readonly OnboardingStep[]; current: OnboardingStep }) {
  const at = steps.indexOf(current);
  return (
    <nav aria-label="Steps">
      <ol className="flex gap-2">
        {steps.map((step, index) => {
          const passed = index < at || current === 'complete';
          const bar = (
            <>
              <span aria-hidden className={`block h-1 rounded-full ${index <= at ? 'bg-ink' : 'bg-line-strong'}`} />
              <span className="mt-1.5 flex items-center gap-1">
                {passed && <Check aria-hidden className="size-3 shrink-0" />}
                <span className={index === at ? 'whitespace-nowrap' : 'truncate max-sm:sr-only'}>{names[step]}</span>
                {passed && <span className="sr-only">, done</span>}
              </span>
            </>
          );
          return (
            <li key={step} className={`min-w-0 flex-1 text-xs ${index <= at ? 'text-text' : 'text-muted'}`}>
              {index < at ? (
                <Link to={`/onboarding?step=${step}`} className="block hover:opacity-80">
                  {bar}
                </Link>
              ) : (
                <span aria-current={step === current ? 'step' : undefined} className="block">
                  {bar}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
