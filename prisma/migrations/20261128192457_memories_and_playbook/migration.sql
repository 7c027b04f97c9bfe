-- CreateTable
CREATE TABLE "task_memories" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "task_id" UUID,
    "attempt" INTEGER,
    "run_id" UUID,
    "task_type" TEXT,
    "memory_type" TEXT NOT NULL,
    "type_reason" TEXT NOT NULL DEFAULT '',
    "type_confidence" DOUBLE PRECISION,
    "goal" TEXT NOT NULL,
    "execution_summary" TEXT NOT NULL,
    "result" TEXT NOT NULL,
    "feedback" TEXT NOT NULL DEFAULT '',
    "tool_usage" JSONB NOT NULL DEFAULT '[]',
    "files" TEXT[],
    "tags" TEXT[],
    "error_patterns" JSONB NOT NULL DEFAULT '[]',
    "success" BOOLEAN NOT NULL,
    "content_hash" TEXT NOT NULL,
    "duplicate_of" UUID,
    "embedding" vector(1536),
    "embedded_by" TEXT,
    "reused_count" INTEGER NOT NULL DEFAULT 0,
    "learned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT,

    CONSTRAINT "task_memories_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "playbook_entries" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "category" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "tags" TEXT[],
    "priority" INTEGER NOT NULL DEFAULT 5,
    "supporting_memory_ids" UUID[],
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL DEFAULT 1,
    "embedding" vector(1536),
    "embedded_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "playbook_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "playbook_changes" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "entry_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "operation" TEXT NOT NULL,
    "old_content" JSONB,
    "new_content" JSONB,
    "reason" TEXT NOT NULL,
    "related_memory_id" UUID,
    "changed_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "playbook_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "learned_patterns" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "pattern_type" TEXT NOT NULL,
    "task_type_pattern" TEXT NOT NULL,
    "success_indicators" TEXT[],
    "failure_indicators" TEXT[],
    "recommended_context" JSONB NOT NULL DEFAULT '{}',
    "embedding" vector(1536),
    "embedded_by" TEXT,
    "sample_count" INTEGER NOT NULL,
    "confidence_score" DOUBLE PRECISION NOT NULL,
    "adjustment" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "usage_count" INTEGER NOT NULL DEFAULT 0,
    "helpful_count" INTEGER NOT NULL DEFAULT 0,
    "unhelpful_count" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "learned_patterns_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memory_uses" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "organization_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "memory_id" UUID,
    "entry_id" UUID,
    "given_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "helped" BOOLEAN,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "memory_uses_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "task_memories_project_id_learned_at_idx" ON "task_memories"("project_id", "learned_at");

-- CreateIndex
CREATE INDEX "task_memories_organization_id_learned_at_idx" ON "task_memories"("organization_id", "learned_at");

-- CreateIndex
CREATE UNIQUE INDEX "task_memories_task_id_attempt_key" ON "task_memories"("task_id", "attempt");

-- CreateIndex
CREATE INDEX "playbook_entries_project_id_is_active_idx" ON "playbook_entries"("project_id", "is_active");

-- CreateIndex
CREATE INDEX "playbook_changes_project_id_created_at_idx" ON "playbook_changes"("project_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "playbook_changes_entry_id_version_key" ON "playbook_changes"("entry_id", "version");

-- CreateIndex
CREATE UNIQUE INDEX "learned_patterns_project_id_pattern_type_task_type_pattern_key" ON "learned_patterns"("project_id", "pattern_type", "task_type_pattern");

-- CreateIndex
CREATE INDEX "memory_uses_memory_id_idx" ON "memory_uses"("memory_id");

-- CreateIndex
CREATE INDEX "memory_uses_entry_id_idx" ON "memory_uses"("entry_id");

-- CreateIndex
CREATE UNIQUE INDEX "memory_uses_task_id_attempt_memory_id_key" ON "memory_uses"("task_id", "attempt", "memory_id");

-- CreateIndex
CREATE UNIQUE INDEX "memory_uses_task_id_attempt_entry_id_key" ON "memory_uses"("task_id", "attempt", "entry_id");

-- AddForeignKey
ALTER TABLE "task_memories" ADD CONSTRAINT "task_memories_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playbook_entries" ADD CONSTRAINT "playbook_entries_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playbook_changes" ADD CONSTRAINT "playbook_changes_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "playbook_entries"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "learned_patterns" ADD CONSTRAINT "learned_patterns_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memory_uses" ADD CONSTRAINT "memory_uses_memory_id_fkey" FOREIGN KEY ("memory_id") REFERENCES "task_memories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memory_uses" ADD CONSTRAINT "memory_uses_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "playbook_entries"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Search by words over the four texts, and by vectors.
CREATE INDEX "task_memories_words_idx" ON "task_memories" USING gin (to_tsvector('english', execution_summary || ' ' || goal || ' ' || result || ' ' || feedback));
CREATE INDEX "task_memories_embedding_idx" ON "task_memories" USING hnsw ("embedding" vector_cosine_ops);
CREATE UNIQUE INDEX "playbook_entries_same_idx" ON "playbook_entries" ("project_id", "content_hash") WHERE is_active;
