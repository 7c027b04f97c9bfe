-- CreateTable
CREATE TABLE "reasoning_events" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" UUID NOT NULL,
    "event_type" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "agent" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "evidence" JSONB NOT NULL DEFAULT '[]',
    "decision" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reasoning_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "reasoning_events_entity_type_entity_id_created_at_idx" ON "reasoning_events"("entity_type", "entity_id", "created_at");
