-- AlterTable
ALTER TABLE "specs" ADD COLUMN     "embedding" vector(1536),
ADD COLUMN     "share_token" TEXT,
ADD COLUMN     "share_views" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "tickets" ADD COLUMN     "archived_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "archived_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "linked_tickets" (
    "spec_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "linked_tickets_pkey" PRIMARY KEY ("spec_id","ticket_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "specs_share_token_key" ON "specs"("share_token");

-- AddForeignKey
ALTER TABLE "linked_tickets" ADD CONSTRAINT "linked_tickets_spec_id_fkey" FOREIGN KEY ("spec_id") REFERENCES "specs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "linked_tickets" ADD CONSTRAINT "linked_tickets_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
