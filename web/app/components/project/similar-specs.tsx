import type { Answer } from '#server/contracts/client.ts';
import type { createSpec } from '#server/contracts/spec-life.ts';
import { percent } from '../../lib/format.ts';
import { Notice } from '../card.tsx';
import { TextLink } from '../text-link.tsx';

export type Similar = Extract<Answer<typeof createSpec>, { is_duplicate: true }>;

/** The open specs that are like the one that was to be created. */
export const SimilarSpecs = ({ projectId, similar }: { projectId: string; similar: Similar }) => (
  <Notice tone="warn">
    <p>The project has similar open specs. Nothing was created.</p>
    <ul className="mt-1 list-disc pl-5">
      {similar.candidates.map((one) => (
        <li key={one.spec_id}>
          <TextLink to={`/projects/${projectId}/specs/${one.spec_id}`}>{one.title}</TextLink>,{' '}
          <span className="figures">{percent(one.similarity_score)}</span> alike
        </li>
      ))}
    </ul>
  </Notice>
);
