import { Key } from '../tooltip.tsx';
import { Chapter, Shown } from './shown.tsx';

const grounds = ['bg-ground', 'bg-card', 'bg-side', 'bg-subtle', 'bg-hover', 'bg-ink'];
const fills = ['bg-good-fill', 'bg-warn-fill', 'bg-bad-fill', 'bg-info-fill', 'bg-gold', 'bg-gold-deep'];
const texts = ['text-text', 'text-soft', 'text-muted', 'text-good', 'text-warn', 'text-bad', 'text-info'];
const sizes = [
  ['text-3xl font-bold', '32/40 bold'],
  ['text-2xl font-semibold', '24/32 semibold'],
  ['text-xl font-semibold', '20/28 semibold'],
  ['text-base font-semibold', '16/24 semibold'],
  ['text-sm', '14/20 body'],
  ['text-xs', '12/16'],
  ['text-2xs', '10/12, badges only'],
];

export function Foundations() {
  return (
    <Chapter title="Colours and type">
      <Shown name="Grounds">
        {grounds.map((name) => (
          <Swatch key={name} name={name} />
        ))}
      </Shown>
      <Shown name="Fills; gold is for the brand and for work that goes on now">
        {fills.map((name) => (
          <Swatch key={name} name={name} />
        ))}
      </Shown>
      <Shown name="Text">
        {texts.map((name) => (
          <span key={name} className={`text-sm ${name}`}>
            {name}
          </span>
        ))}
        <span className="rounded-sm bg-subtle px-2 py-1 text-sm text-muted">muted on subtle</span>
      </Shown>
      <Shown name="Sizes">
        <div>
          {sizes.map(([look, name]) => (
            <p key={name} className={look}>
              {name}
            </p>
          ))}
        </div>
      </Shown>
      <Shown name="Figures and keys">
        <span className="figures">0123456789 TKT-7 $0.0824</span>
        <span className="flex gap-1">
          <Key>g</Key>
          <Key>Ctrl</Key>
        </span>
      </Shown>
    </Chapter>
  );
}

const Swatch = ({ name }: { name: string }) => (
  <span className="text-center text-xs text-muted">
    <span className={`block h-10 w-20 rounded-md border ${name}`} />
    {name.replace('bg-', '')}
  </span>
);
