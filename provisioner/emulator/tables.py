"""What the database holds."""

# `seq` is the order of creation: it sorts what was made within one second, and pages are cut by it.
TABLES = """
CREATE TABLE IF NOT EXISTS assistants (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL, attributes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL, purpose TEXT NOT NULL, filename TEXT NOT NULL,
  bytes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS file_contents (
  file_id TEXT PRIMARY KEY REFERENCES files(id) ON DELETE CASCADE, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS assistant_files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL,
  assistant_id TEXT NOT NULL REFERENCES assistants(id) ON DELETE CASCADE,
  file_id TEXT NOT NULL REFERENCES files(id) ON DELETE CASCADE,
  UNIQUE (assistant_id, file_id));
CREATE INDEX IF NOT EXISTS assistant_files_by_file ON assistant_files(file_id);
CREATE TABLE IF NOT EXISTS vector_stores (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, attributes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file_batches (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
  vector_store_id TEXT NOT NULL REFERENCES vector_stores(id) ON DELETE CASCADE,
  cancelled INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS vector_store_files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL,
  vector_store_id TEXT NOT NULL REFERENCES vector_stores(id) ON DELETE CASCADE,
  file_id TEXT NOT NULL REFERENCES files(id) ON DELETE CASCADE,
  batch_id TEXT REFERENCES file_batches(id) ON DELETE SET NULL,
  indexed_at REAL NOT NULL, usage_bytes INTEGER NOT NULL, supported INTEGER NOT NULL,
  cancelled INTEGER NOT NULL DEFAULT 0, chunking TEXT NOT NULL,
  UNIQUE (vector_store_id, file_id));
CREATE INDEX IF NOT EXISTS vector_store_files_by_file ON vector_store_files(file_id);
CREATE INDEX IF NOT EXISTS vector_store_files_by_batch ON vector_store_files(batch_id);
CREATE TABLE IF NOT EXISTS threads (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL, metadata TEXT NOT NULL, vector_store_ids TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS thread_files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  thread_id TEXT NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
  file_id TEXT NOT NULL REFERENCES files(id) ON DELETE CASCADE,
  UNIQUE (thread_id, file_id));
CREATE INDEX IF NOT EXISTS thread_files_by_file ON thread_files(file_id);
CREATE TABLE IF NOT EXISTS messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
  thread_id TEXT NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
  role TEXT NOT NULL, content TEXT NOT NULL, metadata TEXT NOT NULL, assistant_id TEXT, run_id TEXT,
  status TEXT NOT NULL, ended_at INTEGER, incomplete_reason TEXT);
CREATE INDEX IF NOT EXISTS messages_by_thread ON messages(thread_id, seq);
CREATE TABLE IF NOT EXISTS message_files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL,
  message_id TEXT NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
  file_id TEXT NOT NULL REFERENCES files(id) ON DELETE CASCADE, tools TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_files_by_message ON message_files(message_id);
CREATE INDEX IF NOT EXISTS message_files_by_file ON message_files(file_id);
CREATE TABLE IF NOT EXISTS runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
  thread_id TEXT NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
  assistant_id TEXT NOT NULL, status TEXT NOT NULL, request TEXT NOT NULL, outcome TEXT NOT NULL,
  progress TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_by_thread ON runs(thread_id, seq);
CREATE TABLE IF NOT EXISTS steps (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, type TEXT NOT NULL,
  status TEXT NOT NULL, ended_at INTEGER, details TEXT NOT NULL, last_error TEXT, usage TEXT);
CREATE INDEX IF NOT EXISTS steps_by_run ON steps(run_id, seq);
"""
