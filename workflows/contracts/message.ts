import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { z } from 'zod';

/**
 * A message to a workflow is one object: its registered name, the schema of its input and, when it has an answer, the
 * schema of the answer. Sender and receiver use the same object, so neither can misspell or misread it. It is also a
 * definition of Temporal's SDK: `handle.signal(wakeSignal, {})` checks the input's type.
 */
export interface Signal<S extends z.ZodType = z.ZodType> extends SignalDefinition<[z.input<S>]> {
  schema: S;
}

/** An update: the caller waits for its answer or for its refusal. */
export interface Update<S extends z.ZodType = z.ZodType, A extends z.ZodType = z.ZodType> extends UpdateDefinition<
  z.output<A>,
  [z.input<S>]
> {
  schema: S;
  answer: A;
}

/** A query without input. */
export interface Query<A extends z.ZodType = z.ZodType> extends QueryDefinition<z.output<A>> {
  answer: A;
}

/** @param name registered name; it never changes, since operators and histories use it. */
export const signal = <S extends z.ZodType>(name: string, schema: S): Signal<S> => ({
  ...defineSignal<[z.input<S>]>(name),
  schema,
});

/** @param name registered name; it never changes, since operators and histories use it. */
export const update = <S extends z.ZodType, A extends z.ZodType>(name: string, schema: S, answer: A): Update<S, A> => ({
  ...defineUpdate<z.output<A>, [z.input<S>]>(name),
  schema,
  answer,
});

/** @param name registered name; it never changes, since operators use it. */
export const query = <A extends z.ZodType>(name: string, answer: A): Query<A> => ({
  ...defineQuery<z.output<A>>(name),
  answer,
});
