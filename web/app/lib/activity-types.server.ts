import { eventCatalogue } from '#workflows/domain/events/catalogue.ts';
import type { groups } from '../components/activity/describe.ts';

const types = Object.keys(eventCatalogue);

/** The types of a group, as the list of events takes them. */
export const typesOf = ({ begins }: (typeof groups)[number]): string =>
  types.filter((type) => begins.some((begin) => type.startsWith(begin))).join(',');
