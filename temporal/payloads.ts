import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * The default converter, except that a payload that cannot be read becomes `{invalid: reason}`. An error would fail
 * every task of the workflow for ever, and a typing error of an operator must not stop a run.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch (error) {
      return { invalid: `The input cannot be read: ${reasonOf(error)}` } as T;
    }
  },
};
