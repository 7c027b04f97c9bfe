import { useLoaderData } from '@remix-run/react';
import { NowProvider } from '../../lib/now.ts';
import { choices } from '../../lib/preferences.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { Segments } from '../field.tsx';
import { ToastProvider } from '../toast.tsx';
import { Actions } from './actions.tsx';
import { Data } from './data.tsx';
import { Forms } from './forms.tsx';
import { Foundations } from './foundations.tsx';
import { Inputs } from './inputs.tsx';
import { Messages } from './messages.tsx';
import { Pictures } from './pictures.tsx';

/** Every part in every state, for those who build pages. The texts are examples. */
export default function Parts() {
  const { now } = useLoaderData<{ now: number }>();
  return (
    <NowProvider value={now}>
      <ToastProvider>
        <div className="mx-auto max-w-5xl px-4 py-8">
          <header className="flex flex-wrap items-center justify-between gap-4">
            <h1 className="text-2xl font-semibold">Parts</h1>
            <div className="flex flex-wrap gap-2">
              <Choice name="theme" />
              <Choice name="density" />
              <Choice name="font" />
              <Choice name="contrast" />
              <Choice name="motion" />
            </div>
          </header>
          <main className="space-y-10 pt-8">
            <Foundations />
            <Actions />
            <Inputs />
            <Forms />
            <Messages now={now} />
            <Data now={now} />
            <Pictures />
          </main>
        </div>
      </ToastProvider>
    </NowProvider>
  );
}

function Choice({ name }: { name: 'theme' | 'density' | 'font' | 'contrast' | 'motion' }) {
  const [value, choose] = usePreference(name);
  return (
    <Segments<typeof value>
      label={name}
      chosen={value}
      onChoose={choose}
      options={choices[name].map((option) => ({ value: option, label: option }))}
    />
  );
}
