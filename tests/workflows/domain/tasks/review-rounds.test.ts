import { reviewsOf } from '#workflows/domain/tasks/review-rounds.ts';

test('[EXEC-36] a task has its first review and one for each round, and never more than ten', () => {
  expect([1, 3, 9, 10].map(reviewsOf)).toEqual([2, 4, 10, 10]);
});
