-- AlterTable
ALTER TABLE "subscriptions" ADD COLUMN     "payment_intent_id" TEXT;

-- The first payment that was not given back is that of the plan.
UPDATE "subscriptions" AS s
SET "payment_intent_id" = (
  SELECT p."payment_intent_id"
  FROM "payments" AS p
  WHERE p."organization_id" = s."organization_id" AND p."purpose" = 'lifetime' AND p."status" IN ('succeeded', 'partially_refunded')
  ORDER BY p."created_at"
  LIMIT 1
)
WHERE s."source" = 'lifetime' AND s."status" = 'active';
