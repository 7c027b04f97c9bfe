import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { BusPort } from '#activities/ports/bus.ts';

/** A reader of the live feed, as far as others see it. */
export interface Reader {
  user_id: string;
  organization_id: string;
  /** How the person is called; asked for only when the reader is somewhere. */
  name: () => Promise<string>;
  send: (message: object) => void;
}

/** What a page sends: the place that it shows, such as gate:phase:ID; null: none any more. */
export const presentMessage = z.object({
  type: z.literal('present'),
  at: z
    .string()
    .regex(/^[a-z]+(:[\w-]{1,40}){1,2}$/)
    .nullable(),
});

const told = z.object({
  organization_id: z.string(),
  at: z.string(),
  id: z.string(),
  user_id: z.string(),
  name: z.string(),
  here: z.boolean(),
  /** Those who are there answer with themselves. */
  asks: z.boolean(),
});

/**
 * Tells readers of the live feed who else looks at the same place, in all processes. Nothing of it is stored. A message
 * may be lost: readers say again where they are, and forget who has not been heard of for some time.
 */
export function createPresence(bus: BusPort) {
  const placed = new Map<Reader, { id: string; at: string; name: string }>();

  const tell = (reader: Reader, here: boolean, asks = false) => {
    const place = placed.get(reader);
    if (!place) return;
    const { organization_id, user_id } = reader;
    bus.publish('presence', { organization_id, user_id, ...place, here, asks });
  };

  const stop = bus.subscribe('presence', (message) => {
    const parsed = told.safeParse(message);
    if (!parsed.success) return;
    const { organization_id: organization, at, asks, id, user_id, name, here } = parsed.data;
    for (const [reader, place] of placed) {
      if (reader.organization_id !== organization || place.at !== at || place.id === id) continue;
      reader.send({ type: 'presence', at, data: { id, user_id, name, here } });
      if (asks) tell(reader, true);
    }
  });

  return {
    /** The reader is at another place, or nowhere. */
    async move(reader: Reader, at: string | null): Promise<void> {
      tell(reader, false);
      placed.delete(reader);
      if (at === null) return;
      const place = { id: randomUUID(), at, name: '' };
      placed.set(reader, place);
      place.name = await reader.name();
      // It may have moved on while its name was read.
      if (placed.get(reader) === place) tell(reader, true, true);
    },
    /** The reader is still where it was. */
    again: (reader: Reader) => tell(reader, true),
    leave(reader: Reader): void {
      tell(reader, false);
      placed.delete(reader);
    },
    stop,
  };
}
