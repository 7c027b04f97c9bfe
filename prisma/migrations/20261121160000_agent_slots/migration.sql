-- CreateTable
CREATE TABLE "agent_slots" (
    "task_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "entry" JSONB NOT NULL,
    "held_since" TIMESTAMPTZ(3),

    CONSTRAINT "agent_slots_pkey" PRIMARY KEY ("task_id")
);

-- CreateIndex
CREATE INDEX "agent_slots_organization_id_idx" ON "agent_slots"("organization_id");

-- CreateIndex
CREATE INDEX "agent_slots_project_id_idx" ON "agent_slots"("project_id");
