CREATE EXTENSION IF NOT EXISTS vector;

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "hashed_password" TEXT,
    "full_name" TEXT,
    "department" TEXT,
    "referral_source" TEXT,
    "avatar_url" TEXT,
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "is_verified" BOOLEAN NOT NULL DEFAULT false,
    "is_super_admin" BOOLEAN NOT NULL DEFAULT false,
    "waitlist_status" TEXT NOT NULL DEFAULT 'approved',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "refresh_jti" TEXT NOT NULL,
    "user_agent" TEXT,
    "ip" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signin_attempts" (
    "email" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "locked_until" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "signin_attempts_pkey" PRIMARY KEY ("email")
);

-- CreateTable
CREATE TABLE "signin_links" (
    "token_hash" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "signin_links_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "live_tickets" (
    "token_hash" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "live_tickets_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "key_prefix" TEXT NOT NULL,
    "hashed_key" TEXT NOT NULL,
    "scopes" TEXT[],
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organizations" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "description" TEXT,
    "billing_email" TEXT,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "owner_id" UUID NOT NULL,
    "plan" TEXT NOT NULL DEFAULT 'free',
    "max_concurrent_agents" INTEGER NOT NULL DEFAULT 5,
    "max_agent_runtime_hours" INTEGER NOT NULL DEFAULT 100,
    "event_seq" BIGINT NOT NULL DEFAULT 0,
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "roles" (
    "id" UUID NOT NULL,
    "organization_id" UUID,
    "name" TEXT NOT NULL,
    "permissions" TEXT[],
    "is_system" BOOLEAN NOT NULL DEFAULT false,
    "inherits_from" UUID,

    CONSTRAINT "roles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "actor" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER,
    "body" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("actor","key")
);

-- CreateTable
CREATE TABLE "projects" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "repository_url" TEXT,
    "repository_path" TEXT,
    "default_branch" TEXT NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "status" TEXT NOT NULL DEFAULT 'active',
    "autonomous_execution_enabled" BOOLEAN NOT NULL DEFAULT true,
    "ticket_count" INTEGER NOT NULL DEFAULT 0,
    "task_count" INTEGER NOT NULL DEFAULT 0,
    "pull_request_count" INTEGER NOT NULL DEFAULT 0,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "projects_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "specs" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'draft',
    "current_phase" TEXT NOT NULL DEFAULT 'explore',
    "progress" INTEGER NOT NULL DEFAULT 0,
    "gate_policy" JSONB NOT NULL,
    "plan" JSONB NOT NULL,
    "waiting_for" TEXT,
    "branch" TEXT,
    "base_sha" TEXT,
    "head_sha" TEXT,
    "last_error" TEXT,
    "content_hash" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "specs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "phase_attempts" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "spec_id" UUID NOT NULL,
    "phase" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "run_id" UUID,
    "status" TEXT NOT NULL DEFAULT 'running',
    "draft" JSONB,
    "draft_judged" BOOLEAN NOT NULL DEFAULT false,
    "output" JSONB,
    "score" DOUBLE PRECISION,
    "criteria" JSONB,
    "vetoes" JSONB,
    "judge" JSONB,
    "feedback" TEXT,
    "decision" JSONB,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "phase_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "spec_versions" (
    "spec_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "change_type" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "snapshot" JSONB NOT NULL,
    "actor" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "spec_versions_pkey" PRIMARY KEY ("spec_id","number")
);

-- CreateTable
CREATE TABLE "requirements" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "spec_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "priority" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "condition" TEXT,
    "action" TEXT,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "linked_design" TEXT,
    "content_hash" TEXT NOT NULL,

    CONSTRAINT "requirements_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "acceptance_criteria" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "requirement_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "completed" BOOLEAN NOT NULL DEFAULT false,
    "evidence" JSONB,
    "content_hash" TEXT NOT NULL,

    CONSTRAINT "acceptance_criteria_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tickets" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "spec_id" UUID,
    "user_id" UUID,
    "number" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "local_id" TEXT,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'backlog',
    "phase_id" TEXT NOT NULL DEFAULT 'PHASE_BACKLOG',
    "priority" TEXT NOT NULL DEFAULT 'MEDIUM',
    "workflow_mode" TEXT NOT NULL DEFAULT 'spec_driven',
    "is_blocked" BOOLEAN NOT NULL DEFAULT false,
    "blocked_reason" TEXT,
    "needs_review" BOOLEAN NOT NULL DEFAULT false,
    "blocked_by" TEXT[],
    "context" JSONB NOT NULL DEFAULT '{}',
    "branch" TEXT,
    "base_sha" TEXT,
    "head_sha" TEXT,
    "last_error" TEXT,
    "content_hash" TEXT NOT NULL,
    "embedding" vector(1536),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "tickets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tasks" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "spec_id" UUID,
    "number" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "local_id" TEXT,
    "task_type" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "phase_id" TEXT NOT NULL DEFAULT 'PHASE_IMPLEMENTATION',
    "priority" TEXT NOT NULL DEFAULT 'MEDIUM',
    "status" TEXT NOT NULL DEFAULT 'pending',
    "score" DOUBLE PRECISION,
    "depends_on" TEXT[],
    "owned_files" TEXT[],
    "criteria" JSONB NOT NULL DEFAULT '[]',
    "requirements" TEXT[],
    "required_capabilities" TEXT[],
    "estimated_hours" DOUBLE PRECISION,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "retry_count" INTEGER NOT NULL DEFAULT 0,
    "max_retries" INTEGER NOT NULL DEFAULT 3,
    "timeout_seconds" INTEGER,
    "deadline_at" TIMESTAMPTZ(3),
    "parent_task_id" UUID,
    "discovery_id" UUID,
    "run_id" UUID,
    "sandbox_id" TEXT,
    "branch" TEXT,
    "base_sha" TEXT,
    "head_sha" TEXT,
    "resume_sha" TEXT,
    "analysis" JSONB,
    "execution_config" JSONB NOT NULL DEFAULT '{}',
    "synthesis_context" JSONB,
    "validation_enabled" BOOLEAN NOT NULL DEFAULT true,
    "validation_iteration" INTEGER NOT NULL DEFAULT 0,
    "last_validation_feedback" TEXT,
    "result" JSONB,
    "error_message" TEXT,
    "content_hash" TEXT NOT NULL,
    "embedding" vector(1536),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "tasks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "validation_reviews" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "iteration" INTEGER NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "feedback" TEXT NOT NULL,
    "evidence" JSONB NOT NULL DEFAULT '[]',
    "recommendations" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "validation_reviews_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "runs" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "spec_id" UUID,
    "ticket_id" UUID,
    "task_id" UUID,
    "kind" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "phase" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "title" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "waiting_for" TEXT,
    "waiting_reason" TEXT,
    "next_wake_at" TIMESTAMPTZ(3),
    "stop_reason" TEXT,
    "error_message" TEXT,
    "outcome" JSONB,
    "provider" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "sandbox_id" TEXT,
    "sandbox_host" TEXT,
    "branch" TEXT,
    "base_sha" TEXT,
    "start_sha" TEXT,
    "head_sha" TEXT,
    "tree" TEXT,
    "opening" TEXT NOT NULL,
    "system_prompt" TEXT NOT NULL,
    "tools" TEXT NOT NULL,
    "limits" JSONB NOT NULL,
    "terms" JSONB NOT NULL DEFAULT '{}',
    "turn" INTEGER NOT NULL DEFAULT 0,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "epoch_turn" INTEGER NOT NULL DEFAULT 0,
    "iteration" INTEGER NOT NULL DEFAULT 1,
    "call_no" INTEGER NOT NULL DEFAULT 0,
    "pending_opening" TEXT,
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "cache_read_tokens" INTEGER NOT NULL DEFAULT 0,
    "cache_write_tokens" INTEGER NOT NULL DEFAULT 0,
    "cost_micros" INTEGER NOT NULL DEFAULT 0,
    "todo" JSONB NOT NULL DEFAULT '[]',
    "goal" TEXT NOT NULL DEFAULT '',
    "alignment" DOUBLE PRECISION,
    "forked_from_run_id" UUID,
    "forked_from_turn" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "last_work_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "transcript" (
    "run_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "turn" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "transcript_pkey" PRIMARY KEY ("run_id","seq")
);

-- CreateTable
CREATE TABLE "turns" (
    "run_id" UUID NOT NULL,
    "turn" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "iteration" INTEGER NOT NULL,
    "model" TEXT NOT NULL,
    "stop_reason" TEXT NOT NULL,
    "input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "cache_read_tokens" INTEGER NOT NULL,
    "cache_write_tokens" INTEGER NOT NULL,
    "cost_micros" INTEGER NOT NULL,
    "request_bytes" INTEGER NOT NULL,
    "shared_bytes" INTEGER NOT NULL,
    "model_attempts" INTEGER NOT NULL DEFAULT 1,
    "files_changed" JSONB,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "turns_pkey" PRIMARY KEY ("run_id","turn")
);

-- CreateTable
CREATE TABLE "tool_calls" (
    "run_id" UUID NOT NULL,
    "turn" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "tool_use_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "input" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "plan" JSONB,
    "result" TEXT,
    "is_error" BOOLEAN NOT NULL DEFAULT false,
    "error_kind" TEXT,
    "exit_code" INTEGER,
    "duration_ms" INTEGER,
    "tree_before" TEXT,
    "tree_after" TEXT,
    "blob_id" UUID,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "tool_calls_pkey" PRIMARY KEY ("run_id","turn","position")
);

-- CreateTable
CREATE TABLE "checkpoints" (
    "run_id" UUID NOT NULL,
    "turn" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "sha" TEXT NOT NULL,
    "tree" TEXT NOT NULL,
    "parent_sha" TEXT NOT NULL,
    "files" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("run_id","turn")
);

-- CreateTable
CREATE TABLE "messages" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "rank" TEXT NOT NULL,
    "steer_kind" TEXT,
    "content" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "intervention_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at_turn" INTEGER,
    "delivered_at" TIMESTAMPTZ(3),
    "lifted_at" TIMESTAMPTZ(3),
    "refused_reason" TEXT,

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "questions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "turn" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "question" TEXT NOT NULL,
    "options" JSONB NOT NULL DEFAULT '[]',
    "default_answer" TEXT,
    "answer" TEXT,
    "answered_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "questions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sandboxes" (
    "id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT,
    "status" TEXT NOT NULL DEFAULT 'creating',
    "labels" JSONB NOT NULL,
    "limits" JSONB NOT NULL,
    "end_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "sandboxes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "blobs" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "discoveries" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "source_task_id" UUID NOT NULL,
    "source_run_id" UUID,
    "source_call" TEXT,
    "discovery_type" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "priority" TEXT,
    "priority_boost" BOOLEAN NOT NULL DEFAULT false,
    "spawn_phase_id" TEXT,
    "blocking" BOOLEAN NOT NULL DEFAULT false,
    "spawned_task_ids" TEXT[],
    "depth" INTEGER NOT NULL DEFAULT 1,
    "resolution_status" TEXT NOT NULL DEFAULT 'open',
    "duplicate_of" UUID,
    "capped_reason" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "content_hash" TEXT NOT NULL,
    "embedding" vector(1536),
    "discovered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "discoveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "guardian_analyses" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "turn" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "current_phase" TEXT,
    "trajectory_aligned" BOOLEAN,
    "alignment_score" DOUBLE PRECISION,
    "health" DOUBLE PRECISION,
    "needs_steering" BOOLEAN NOT NULL DEFAULT false,
    "steering_type" TEXT,
    "steering_recommendation" TEXT,
    "trajectory_summary" TEXT,
    "current_focus" TEXT,
    "accumulated_goal" TEXT,
    "details" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "guardian_analyses_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "conductor_analyses" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "coherence_score" DOUBLE PRECISION NOT NULL,
    "system_status" TEXT NOT NULL,
    "active_agents" INTEGER NOT NULL,
    "terms" JSONB NOT NULL,
    "duplicates" JSONB NOT NULL DEFAULT '[]',
    "recommendations" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conductor_analyses_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "steering_interventions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "analysis_id" UUID,
    "message_id" UUID,
    "actor" TEXT NOT NULL,
    "steering_type" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "alignment_before" DOUBLE PRECISION,
    "alignment_after" DOUBLE PRECISION,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(3),
    "delivered_at_turn" INTEGER,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "steering_interventions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "watch_cycles" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "loop" TEXT NOT NULL,
    "ok" BOOLEAN NOT NULL,
    "error" TEXT,
    "interventions" INTEGER NOT NULL DEFAULT 0,
    "duration_ms" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "watch_cycles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cost_records" (
    "id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID,
    "spec_id" UUID,
    "ticket_id" UUID,
    "task_id" UUID,
    "run_id" UUID,
    "sandbox_id" TEXT,
    "kind" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "cache_read_tokens" INTEGER NOT NULL DEFAULT 0,
    "cache_write_tokens" INTEGER NOT NULL DEFAULT 0,
    "input_micros" INTEGER NOT NULL,
    "output_micros" INTEGER NOT NULL,
    "cost_micros" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cost_records_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "answers" (
    "key" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "answers_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "budgets" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "scope_type" TEXT NOT NULL,
    "scope_id" TEXT NOT NULL,
    "limit_micros" BIGINT NOT NULL,
    "spent_micros" BIGINT NOT NULL DEFAULT 0,
    "held_micros" BIGINT NOT NULL DEFAULT 0,
    "alert_threshold" DOUBLE PRECISION NOT NULL DEFAULT 0.8,
    "period_end" TIMESTAMPTZ(3),
    "warned_at" TIMESTAMPTZ(3),
    "critical_at" TIMESTAMPTZ(3),
    "exceeded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "budgets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reservations" (
    "id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "run_id" UUID,
    "budget_ids" TEXT[],
    "held_micros" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'held',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "reservations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pull_requests" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "spec_id" UUID,
    "ticket_id" UUID,
    "business_key" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "branch" TEXT NOT NULL,
    "base" TEXT NOT NULL,
    "base_sha" TEXT NOT NULL,
    "head_sha" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "url" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT,
    "checks" JSONB NOT NULL DEFAULT '[]',
    "comments" JSONB NOT NULL DEFAULT '[]',
    "merge_sha" TEXT,
    "merged_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "merged_at" TIMESTAMPTZ(3),

    CONSTRAINT "pull_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "merge_attempts" (
    "id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "ticket_id" UUID,
    "spec_id" UUID,
    "target" TEXT NOT NULL,
    "sources" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "log" JSONB NOT NULL DEFAULT '[]',
    "merged_sha" TEXT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "merge_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "events" (
    "organization_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "project_id" UUID,
    "entity_kind" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "request_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "events_pkey" PRIMARY KEY ("organization_id","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hashed_key_key" ON "api_keys"("hashed_key");

-- CreateIndex
CREATE INDEX "api_keys_organization_id_idx" ON "api_keys"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "organizations_slug_key" ON "organizations"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "roles_organization_id_name_key" ON "roles"("organization_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "memberships_organization_id_user_id_key" ON "memberships"("organization_id", "user_id");

-- CreateIndex
CREATE INDEX "projects_organization_id_created_at_idx" ON "projects"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "specs_organization_id_created_at_idx" ON "specs"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "specs_project_id_created_at_idx" ON "specs"("project_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "phase_attempts_spec_id_phase_attempt_key" ON "phase_attempts"("spec_id", "phase", "attempt");

-- CreateIndex
CREATE UNIQUE INDEX "requirements_spec_id_key_key" ON "requirements"("spec_id", "key");

-- CreateIndex
CREATE UNIQUE INDEX "acceptance_criteria_requirement_id_key_key" ON "acceptance_criteria"("requirement_id", "key");

-- CreateIndex
CREATE INDEX "tickets_organization_id_created_at_idx" ON "tickets"("organization_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_project_id_number_key" ON "tickets"("project_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_spec_id_local_id_key" ON "tickets"("spec_id", "local_id");

-- CreateIndex
CREATE INDEX "tasks_organization_id_created_at_idx" ON "tasks"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "tasks_ticket_id_idx" ON "tasks"("ticket_id");

-- CreateIndex
CREATE INDEX "tasks_project_id_status_idx" ON "tasks"("project_id", "status");

-- CreateIndex
CREATE UNIQUE INDEX "tasks_project_id_number_key" ON "tasks"("project_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "tasks_spec_id_local_id_key" ON "tasks"("spec_id", "local_id");

-- CreateIndex
CREATE UNIQUE INDEX "validation_reviews_run_id_key" ON "validation_reviews"("run_id");

-- CreateIndex
CREATE UNIQUE INDEX "validation_reviews_task_id_iteration_key" ON "validation_reviews"("task_id", "iteration");

-- CreateIndex
CREATE INDEX "runs_organization_id_created_at_idx" ON "runs"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "runs_project_id_status_idx" ON "runs"("project_id", "status");

-- CreateIndex
CREATE INDEX "runs_task_id_idx" ON "runs"("task_id");

-- CreateIndex
CREATE INDEX "runs_spec_id_idx" ON "runs"("spec_id");

-- CreateIndex
CREATE INDEX "tool_calls_run_id_tool_use_id_idx" ON "tool_calls"("run_id", "tool_use_id");

-- CreateIndex
CREATE INDEX "messages_run_id_created_at_idx" ON "messages"("run_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "questions_run_id_turn_position_key" ON "questions"("run_id", "turn", "position");

-- CreateIndex
CREATE INDEX "sandboxes_organization_id_created_at_idx" ON "sandboxes"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "sandboxes_run_id_idx" ON "sandboxes"("run_id");

-- CreateIndex
CREATE INDEX "discoveries_ticket_id_idx" ON "discoveries"("ticket_id");

-- CreateIndex
CREATE INDEX "discoveries_organization_id_discovered_at_idx" ON "discoveries"("organization_id", "discovered_at");

-- CreateIndex
CREATE UNIQUE INDEX "discoveries_source_call_key" ON "discoveries"("source_call");

-- CreateIndex
CREATE INDEX "guardian_analyses_run_id_created_at_idx" ON "guardian_analyses"("run_id", "created_at");

-- CreateIndex
CREATE INDEX "guardian_analyses_project_id_created_at_idx" ON "guardian_analyses"("project_id", "created_at");

-- CreateIndex
CREATE INDEX "conductor_analyses_project_id_created_at_idx" ON "conductor_analyses"("project_id", "created_at");

-- CreateIndex
CREATE INDEX "steering_interventions_run_id_created_at_idx" ON "steering_interventions"("run_id", "created_at");

-- CreateIndex
CREATE INDEX "steering_interventions_project_id_created_at_idx" ON "steering_interventions"("project_id", "created_at");

-- CreateIndex
CREATE INDEX "watch_cycles_project_id_loop_created_at_idx" ON "watch_cycles"("project_id", "loop", "created_at");

-- CreateIndex
CREATE INDEX "cost_records_organization_id_created_at_idx" ON "cost_records"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "cost_records_run_id_idx" ON "cost_records"("run_id");

-- CreateIndex
CREATE UNIQUE INDEX "budgets_organization_id_scope_type_scope_id_key" ON "budgets"("organization_id", "scope_type", "scope_id");

-- CreateIndex
CREATE INDEX "reservations_organization_id_state_idx" ON "reservations"("organization_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "pull_requests_business_key_key" ON "pull_requests"("business_key");

-- CreateIndex
CREATE INDEX "pull_requests_organization_id_created_at_idx" ON "pull_requests"("organization_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "pull_requests_project_id_number_key" ON "pull_requests"("project_id", "number");

-- CreateIndex
CREATE INDEX "merge_attempts_ticket_id_idx" ON "merge_attempts"("ticket_id");

-- CreateIndex
CREATE UNIQUE INDEX "events_id_key" ON "events"("id");

-- CreateIndex
CREATE INDEX "events_organization_id_entity_kind_entity_id_seq_idx" ON "events"("organization_id", "entity_kind", "entity_id", "seq");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "roles" ADD CONSTRAINT "roles_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "projects" ADD CONSTRAINT "projects_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "specs" ADD CONSTRAINT "specs_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "phase_attempts" ADD CONSTRAINT "phase_attempts_spec_id_fkey" FOREIGN KEY ("spec_id") REFERENCES "specs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "spec_versions" ADD CONSTRAINT "spec_versions_spec_id_fkey" FOREIGN KEY ("spec_id") REFERENCES "specs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requirements" ADD CONSTRAINT "requirements_spec_id_fkey" FOREIGN KEY ("spec_id") REFERENCES "specs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "acceptance_criteria" ADD CONSTRAINT "acceptance_criteria_requirement_id_fkey" FOREIGN KEY ("requirement_id") REFERENCES "requirements"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "turns" ADD CONSTRAINT "turns_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tool_calls" ADD CONSTRAINT "tool_calls_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Written by hand: nearest neighbours by cosine distance (pgvector 0.8 or newer).
CREATE INDEX "tickets_embedding_idx" ON "tickets" USING hnsw ("embedding" vector_cosine_ops);
CREATE INDEX "discoveries_embedding_idx" ON "discoveries" USING hnsw ("embedding" vector_cosine_ops);
