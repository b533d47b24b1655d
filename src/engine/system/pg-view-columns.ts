// Columns of the views of pg_catalog, as PostgreSQL 15 has them (documentation, chapter "System Views").
// Types that mean nothing here are the nearest that can be read: pg_node_tree, pg_lsn and inet are text, aclitem[]
// text[], oidvector oid[], int2vector int2[], xid bigint.

/** Name → oid in PostgreSQL, columns with their types. */
export const pgViewColumns: Readonly<Record<string, readonly [oid: number, columns: string]>> = {
  pg_roles: [
    12000,
    `rolname name, rolsuper boolean, rolinherit boolean, rolcreaterole boolean, rolcreatedb boolean,
     rolcanlogin boolean, rolreplication boolean, rolconnlimit int4, rolpassword text, rolvaliduntil
     timestamptz, rolbypassrls boolean, rolconfig text[], oid oid`,
  ],
  pg_shadow: [
    12005,
    `usename name, usesysid oid, usecreatedb boolean, usesuper boolean, userepl boolean, usebypassrls
     boolean, passwd text, valuntil timestamptz, useconfig text[]`,
  ],
  pg_user: [
    12014,
    `usename name, usesysid oid, usecreatedb boolean, usesuper boolean, userepl boolean, usebypassrls
     boolean, passwd text, valuntil timestamptz, useconfig text[]`,
  ],
  pg_policies: [
    12018,
    `schemaname name, tablename name, policyname name, permissive text, roles name[], cmd text, qual
     text, with_check text`,
  ],
  pg_views: [12028, `schemaname name, viewname name, viewowner name, definition text`],
  pg_tables: [
    12033,
    `schemaname name, tablename name, tableowner name, tablespace name, hasindexes boolean, hasrules
     boolean, hastriggers boolean, rowsecurity boolean`,
  ],
  pg_matviews: [
    12038,
    `schemaname name, matviewname name, matviewowner name, tablespace name, hasindexes boolean,
     ispopulated boolean, definition text`,
  ],
  pg_indexes: [12043, `schemaname name, tablename name, indexname name, tablespace name, indexdef text`],
  pg_sequences: [
    12048,
    `schemaname name, sequencename name, sequenceowner name, data_type regtype, start_value int8,
     min_value int8, max_value int8, increment_by int8, cycle boolean, cache_size int8, last_value int8`,
  ],
  pg_stats: [
    12053,
    `schemaname name, tablename name, attname name, inherited boolean, null_frac float4, avg_width int4,
     n_distinct float4, most_common_vals text, most_common_freqs float4[], histogram_bounds text,
     correlation float4, most_common_elems text, most_common_elem_freqs float4[], elem_count_histogram
     float4[]`,
  ],
  pg_publication_tables: [12068, `pubname name, schemaname name, tablename name, attnames name[], rowfilter text`],
  pg_locks: [
    12073,
    `locktype text, database oid, relation oid, page int4, tuple int2, virtualxid text, transactionid
     int8, classid oid, objid oid, objsubid int2, virtualtransaction text, pid int4, mode text, granted
     boolean, fastpath boolean, waitstart timestamptz`,
  ],
  pg_available_extensions: [12081, `name name, default_version text, installed_version text, comment text`],
  pg_available_extension_versions: [
    12085,
    `name name, version text, installed boolean, superuser boolean, trusted boolean, relocatable boolean,
     schema name, requires name[], comment text`,
  ],
  pg_prepared_statements: [
    12095,
    `name text, statement text, prepare_time timestamptz, parameter_types regtype[], from_sql boolean,
     generic_plans int8, custom_plans int8`,
  ],
  pg_settings: [
    12104,
    `name text, setting text, unit text, category text, short_desc text, extra_desc text, context text,
     vartype text, source text, min_val text, max_val text, enumvals text[], boot_val text, reset_val
     text, sourcefile text, sourceline int4, pending_restart boolean`,
  ],
  pg_timezone_abbrevs: [12122, `abbrev text, utc_offset interval, is_dst boolean`],
  pg_timezone_names: [12126, `name text, abbrev text, utc_offset interval, is_dst boolean`],
  pg_stat_user_tables: [
    12161,
    `relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8,
     idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, n_live_tup
     int8, n_dead_tup int8, n_mod_since_analyze int8, n_ins_since_vacuum int8, last_vacuum timestamptz,
     last_autovacuum timestamptz, last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count
     int8, autovacuum_count int8, analyze_count int8, autoanalyze_count int8`,
  ],
  pg_statio_user_tables: [
    12179,
    `relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, idx_blks_read
     int8, idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, tidx_blks_read int8,
     tidx_blks_hit int8`,
  ],
  pg_stat_user_indexes: [
    12192,
    `relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8,
     idx_tup_read int8, idx_tup_fetch int8`,
  ],
  pg_statio_user_indexes: [
    12205,
    `relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_blks_read int8,
     idx_blks_hit int8`,
  ],
  pg_statio_user_sequences: [12218, `relid oid, schemaname name, relname name, blks_read int8, blks_hit int8`],
  pg_stat_activity: [
    12222,
    `datid oid, datname name, pid int4, leader_pid int4, usesysid oid, usename name, application_name
     text, client_addr text, client_hostname text, client_port int4, backend_start timestamptz,
     xact_start timestamptz, query_start timestamptz, state_change timestamptz, wait_event_type text,
     wait_event text, state text, backend_xid int8, backend_xmin int8, query_id int8, query text,
     backend_type text`,
  ],
  pg_stat_database: [
    12266,
    `datid oid, datname name, numbackends int4, xact_commit int8, xact_rollback int8, blks_read int8,
     blks_hit int8, tup_returned int8, tup_fetched int8, tup_inserted int8, tup_updated int8, tup_deleted
     int8, conflicts int8, temp_files int8, temp_bytes int8, deadlocks int8, checksum_failures int8,
     checksum_last_failure timestamptz, blk_read_time float8, blk_write_time float8, session_time float8,
     active_time float8, idle_in_transaction_time float8, sessions int8, sessions_abandoned int8,
     sessions_fatal int8, sessions_killed int8, stats_reset timestamptz`,
  ],
  pg_group: [12010, `groname name, grosysid oid, grolist oid[]`],
  pg_rules: [12023, `schemaname name, tablename name, rulename name, definition text`],
  pg_cursors: [
    12077,
    `name text, statement text, is_holdable boolean, is_binary boolean, is_scrollable boolean,
     creation_time timestamptz`,
  ],
  pg_prepared_xacts: [12090, `transaction int8, gid text, prepared timestamptz, owner name, database name`],
  pg_seclabels: [
    12099,
    `objoid oid, classoid oid, objsubid int4, objtype text, objnamespace oid, objname text, provider
     text, label text`,
  ],
  pg_replication_slots: [
    12257,
    `slot_name name, plugin name, slot_type text, datoid oid, database name, temporary boolean, active
     boolean, active_pid int4, xmin int8, catalog_xmin int8, restart_lsn text, confirmed_flush_lsn text,
     wal_status text, safe_wal_size int8, two_phase boolean`,
  ],
  pg_user_mappings: [12327, `umid oid, srvid oid, srvname name, umuser oid, usename name, umoptions text[]`],
}
