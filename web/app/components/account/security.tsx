import { secondFactor } from '#server/contracts/second-factor.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Skeleton } from '../skeleton.tsx';
import { Connections } from './connections.tsx';
import { DisableSecondFactor, SetUpSecondFactor } from './second-factor.tsx';

/** How the person signs in. */
export default function Security({ onClose }: { onClose: () => void }) {
  const { answer, error, reload } = useAnswer(secondFactor, {});
  return (
    <Dialog open onClose={onClose} title="Security">
      <section aria-label="Second factor" className="space-y-3">
        <h3 className="text-sm font-medium">Second factor</h3>
        <CommandError error={error} />
        {!answer && !error && <Skeleton rows={2} />}
        {answer?.enabled && <DisableSecondFactor state={answer} onDone={() => void reload()} />}
        {answer && !answer.enabled && <SetUpSecondFactor state={answer} onDone={() => void reload()} />}
      </section>
      <Connections />
    </Dialog>
  );
}
