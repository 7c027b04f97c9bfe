/** What the shed does not do for a member, in words for that member. `status` is the HTTP status of the answer. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
