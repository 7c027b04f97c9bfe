import {
  forwardRef,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';

const box = 'w-full rounded-md border border-field bg-card text-sm text-text disabled:opacity-50';

export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string;
  children: ReactNode;
}) {
  return (
    <label className="block">
      <span className="mb-1 block text-xs font-medium text-soft">{label}</span>
      {children}
      {hint && <span className="mt-1 block text-xs text-muted">{hint}</span>}
      {error && (
        <span role="alert" className="mt-1 block text-xs text-bad">
          {error}
        </span>
      )}
    </label>
  );
}

export const TextInput = ({ className = '', ...rest }: InputHTMLAttributes<HTMLInputElement>) => (
  <input {...rest} className={`${box} h-(--control) px-3 ${className}`} />
);
/** The system's own list: the best one on a phone, and it is chosen from by typing. */
export const Select = ({ className = '', ...rest }: SelectHTMLAttributes<HTMLSelectElement>) => (
  <select {...rest} className={`${box} h-(--control) px-2 ${className}`} />
);
export const TextArea = forwardRef<HTMLTextAreaElement, TextareaHTMLAttributes<HTMLTextAreaElement>>(function TextArea(
  { className = '', ...rest },
  ref,
) {
  return <textarea {...rest} ref={ref} className={`${box} px-3 py-2 leading-5 ${className}`} />;
});

type Ticked = Omit<InputHTMLAttributes<HTMLInputElement>, 'type' | 'className'> & { label: ReactNode };

export const Checkbox = ({ label, ...rest }: Ticked) => (
  <label className="inline-flex min-h-6 items-center gap-2 has-disabled:opacity-50 pointer-coarse:min-h-11">
    <input {...rest} type="checkbox" className="size-4 shrink-0 accent-ink" />
    <span>{label}</span>
  </label>
);

/** A choice that takes effect at once. */
export const Switch = ({ label, ...rest }: Ticked) => (
  <label className="flex min-h-6 items-center justify-between gap-3 text-sm has-disabled:opacity-50 pointer-coarse:min-h-11">
    <span>{label}</span>
    <input
      {...rest}
      type="checkbox"
      role="switch"
      className="relative h-5 w-9 shrink-0 cursor-pointer appearance-none rounded-full bg-field transition-colors before:absolute before:top-0.5 before:left-0.5 before:size-4 before:rounded-full before:bg-white before:transition-transform checked:bg-good checked:before:translate-x-4 dark:checked:before:bg-ground"
    />
  </label>
);

/** A choice among a few, all in view. */
export function Segments<T extends string>({
  label,
  options,
  chosen,
  onChoose,
}: {
  label: string;
  options: readonly { value: T; label: ReactNode; title?: string }[];
  chosen: T;
  onChoose: (value: T) => void;
}) {
  return (
    <div role="group" aria-label={label} className="inline-flex gap-0.5 rounded-md bg-subtle p-0.5">
      {options.map(({ value, label: words, title }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          title={title}
          onClick={() => onChoose(value)}
          className={segmentShape(value === chosen)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

export const segmentShape = (on: boolean) =>
  `inline-flex h-6 items-center gap-1.5 rounded-sm px-2 text-xs whitespace-nowrap pointer-coarse:min-h-11 ${on ? 'bg-card font-medium text-text shadow-2xs ring-1 ring-line' : 'text-soft hover:text-text'}`;
