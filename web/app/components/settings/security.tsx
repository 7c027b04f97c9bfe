import { secondFactor } from '#server/contracts/second-factor.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Skeleton } from '../skeleton.tsx';
import { ChangePassword } from './change-password.tsx';
import { Connections } from './connections.tsx';
import { DisableSecondFactor, SetUpSecondFactor } from './second-factor.tsx';

/** How the person signs in. */
export function Security() {
  const { answer, error, reload } = useAnswer(secondFactor, {});
  return (
    <>
      <Card title="Second factor">
        <div className="max-w-md space-y-3">
          <CommandError error={error} />
          {!answer && !error && <Skeleton rows={2} />}
          {answer?.enabled && <DisableSecondFactor state={answer} onDone={() => void reload()} />}
          {answer && !answer.enabled && <SetUpSecondFactor state={answer} onDone={() => void reload()} />}
        </div>
      </Card>
      {answer?.has_password && (
        <Card title="Password">
          <ChangePassword />
        </Card>
      )}
      <Connections />
    </>
  );
}
