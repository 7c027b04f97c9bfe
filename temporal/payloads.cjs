// Plain JavaScript, because Temporal requires this file by its path.
const { defaultPayloadConverter } = require('@temporalio/common');

/** @param {unknown} error */
const reasonOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * The default converter, except that a payload that cannot be read becomes `{invalid: reason}`. An error would fail
 * every task of the workflow for ever, and a typing error of an operator must not stop a run.
 * @type {import('@temporalio/common').PayloadConverter}
 */
exports.payloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload(payload) {
    try {
      return defaultPayloadConverter.fromPayload(payload);
    } catch (error) {
      return { invalid: `The input cannot be read: ${reasonOf(error)}` };
    }
  },
};
