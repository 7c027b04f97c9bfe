-- Search of tickets by words.
CREATE INDEX "tickets_words_idx" ON "tickets" USING gin (to_tsvector('english', title || ' ' || description));
