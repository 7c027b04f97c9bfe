-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "agent_id" UUID;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "agent_id" UUID;

-- CreateTable
CREATE TABLE "agents" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID,
    "name" TEXT NOT NULL,
    "agent_type" TEXT NOT NULL,
    "phase_id" TEXT,
    "capabilities" TEXT[],
    "capacity" INTEGER NOT NULL,
    "tags" TEXT[],
    "status" TEXT NOT NULL DEFAULT 'spawning',
    "available" BOOLEAN NOT NULL DEFAULT true,
    "elsewhere" BOOLEAN NOT NULL,
    "hashed_key" TEXT,
    "sequence_number" INTEGER NOT NULL DEFAULT 0,
    "last_heartbeat_at" TIMESTAMPTZ(3),
    "reported" JSONB,
    "silent_sweeps" INTEGER NOT NULL DEFAULT 0,
    "missed" INTEGER NOT NULL DEFAULT 0,
    "evidence" JSONB,
    "replaces_id" UUID,
    "replaced_by_id" UUID,
    "escalated_at" TIMESTAMPTZ(3),
    "restarted_at" TIMESTAMPTZ(3),
    "registered_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_status_transitions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "from_status" TEXT NOT NULL,
    "to_status" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "agent_status_transitions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "collaboration_threads" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "subject" TEXT NOT NULL,
    "participants" UUID[],
    "task_id" UUID,
    "opened_by" TEXT NOT NULL,
    "outcome" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "collaboration_threads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_messages" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "thread_id" UUID NOT NULL,
    "from_agent_id" UUID NOT NULL,
    "to_agent_id" UUID NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "agents_hashed_key_key" ON "agents"("hashed_key");

-- CreateIndex
CREATE INDEX "agents_project_id_idx" ON "agents"("project_id");

-- CreateIndex
CREATE UNIQUE INDEX "agents_organization_id_name_key" ON "agents"("organization_id", "name");

-- CreateIndex
CREATE INDEX "agent_status_transitions_agent_id_created_at_idx" ON "agent_status_transitions"("agent_id", "created_at");

-- CreateIndex
CREATE INDEX "collaboration_threads_organization_id_created_at_idx" ON "collaboration_threads"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "agent_messages_to_agent_id_read_at_idx" ON "agent_messages"("to_agent_id", "read_at");

-- CreateIndex
CREATE INDEX "agent_messages_thread_id_created_at_idx" ON "agent_messages"("thread_id", "created_at");

-- CreateIndex
CREATE INDEX "runs_agent_id_idx" ON "runs"("agent_id");

-- AddForeignKey
ALTER TABLE "agent_status_transitions" ADD CONSTRAINT "agent_status_transitions_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_messages" ADD CONSTRAINT "agent_messages_thread_id_fkey" FOREIGN KEY ("thread_id") REFERENCES "collaboration_threads"("id") ON DELETE CASCADE ON UPDATE CASCADE;
