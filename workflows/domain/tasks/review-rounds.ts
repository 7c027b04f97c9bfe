/** EXEC-37: no task is reviewed more often than this before it is retried. */
const mostReviews = 10;

/**
 * Reviews until a task ends: the first, and one after each of the rounds in which its author answers a review (EXEC-36).
 * @param rounds the setting `task.validation_rounds`.
 */
export const reviewsOf = (rounds: number): number => Math.min(rounds + 1, mostReviews);
