-- CreateTable
CREATE TABLE "billing_accounts" (
    "organization_id" UUID NOT NULL,
    "stripe_customer_id" TEXT,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "credit_cents" INTEGER NOT NULL DEFAULT 0,
    "free_workflows" INTEGER NOT NULL DEFAULT 0,
    "used_workflows" INTEGER NOT NULL DEFAULT 0,
    "resets_at" TIMESTAMPTZ(3) NOT NULL,
    "auto_billing" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "billing_accounts_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "credit_cents" INTEGER NOT NULL,
    "free_workflows" INTEGER NOT NULL,
    "used_workflows" INTEGER NOT NULL,
    "credit_after" INTEGER NOT NULL,
    "workflow_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workflow_reservations" (
    "workflow_id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "price_cents" INTEGER NOT NULL,
    "credit_cents" INTEGER NOT NULL,
    "free_workflows" INTEGER NOT NULL,
    "used_workflows" INTEGER NOT NULL,
    "resets_at" TIMESTAMPTZ(3) NOT NULL,
    "times" INTEGER NOT NULL DEFAULT 1,
    "reserved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "workflow_reservations_pkey" PRIMARY KEY ("workflow_id")
);

-- CreateTable
CREATE TABLE "usage_records" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "workflow_id" TEXT NOT NULL,
    "usage_type" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "unit_price_cents" INTEGER NOT NULL,
    "total_cents" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "free_tier_used" BOOLEAN NOT NULL,
    "billed" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "usage_records_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "billing_accounts_stripe_customer_id_key" ON "billing_accounts"("stripe_customer_id");

-- CreateIndex
CREATE INDEX "ledger_entries_organization_id_created_at_idx" ON "ledger_entries"("organization_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entries_organization_id_key_key" ON "ledger_entries"("organization_id", "key");

-- CreateIndex
CREATE INDEX "workflow_reservations_organization_id_state_idx" ON "workflow_reservations"("organization_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "usage_records_workflow_id_key" ON "usage_records"("workflow_id");

-- CreateIndex
CREATE INDEX "usage_records_organization_id_created_at_idx" ON "usage_records"("organization_id", "created_at");

-- AddForeignKey
ALTER TABLE "billing_accounts" ADD CONSTRAINT "billing_accounts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "billing_accounts"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Organizations from before have an account too, with the free workflows of the month.
INSERT INTO "billing_accounts" ("organization_id", "free_workflows", "resets_at")
SELECT "id", 5, (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'
FROM "organizations";

INSERT INTO "ledger_entries" ("id", "organization_id", "key", "kind", "credit_cents", "free_workflows", "used_workflows", "credit_after")
SELECT gen_random_uuid(), "organization_id", 'opening:account', 'opening', 0, "free_workflows", 0, 0
FROM "billing_accounts";

UPDATE "roles"
SET "permissions" = array_append("permissions", 'org:billing:read')
WHERE "organization_id" IS NULL AND "name" = 'admin' AND NOT 'org:billing:read' = ANY ("permissions");
