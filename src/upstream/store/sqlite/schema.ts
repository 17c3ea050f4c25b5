/** Marks the file as ours: "XGQL". SQLite has a place for it in the header. */
export const applicationId = 0x58_47_51_4c;

/**
 * What turns a file of each version into one of the next. The version is the number of steps that a file has had. A step
 * never changes once it is released.
 *
 * `record` has values, counts and leases. A text is stored as it is, and a longer one as a blob, deflated. `entry` has the
 * entries of series. `change` is what processes tell each other.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE record (
     key TEXT NOT NULL UNIQUE,
     value ANY NOT NULL,
     version INTEGER NOT NULL,
     until_ms INTEGER
   ) STRICT;
   CREATE INDEX record_until ON record (until_ms) WHERE until_ms IS NOT NULL;

   CREATE TABLE series (
     id INTEGER PRIMARY KEY,
     key TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE TABLE entry (
     id INTEGER PRIMARY KEY,
     series_id INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     until_ms INTEGER NOT NULL,
     digest TEXT,
     value ANY NOT NULL
   ) STRICT;
   CREATE INDEX entry_series ON entry (series_id, at_ms);
   CREATE INDEX entry_until ON entry (until_ms);

   CREATE TABLE change (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     process TEXT NOT NULL,
     key TEXT NOT NULL,
     at_ms INTEGER NOT NULL
   ) STRICT;`,
];

/** The version of the files that this server writes. */
export const schemaVersion = migrations.length;
