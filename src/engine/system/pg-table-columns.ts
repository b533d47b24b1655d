// Columns of the tables of pg_catalog, as PostgreSQL 15 has them (documentation, chapter "System Catalogs").
// Types that mean nothing here are the nearest that can be read: pg_node_tree, pg_lsn and inet are text, aclitem[]
// text[], oidvector oid[], int2vector int2[], xid bigint.

/** Name → oid in PostgreSQL, columns with their types. */
export const pgTableColumns: Readonly<Record<string, readonly [oid: number, columns: string]>> = {
  pg_tablespace: [1213, `oid oid, spcname name, spcowner oid, spcacl text[], spcoptions text[]`],
  pg_shdepend: [1214, `dbid oid, classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, deptype char`],
  pg_type: [
    1247,
    `oid oid, typname name, typnamespace oid, typowner oid, typlen int2, typbyval boolean, typtype char,
     typcategory char, typispreferred boolean, typisdefined boolean, typdelim char, typrelid oid,
     typsubscript regproc, typelem oid, typarray oid, typinput regproc, typoutput regproc, typreceive
     regproc, typsend regproc, typmodin regproc, typmodout regproc, typanalyze regproc, typalign char,
     typstorage char, typnotnull boolean, typbasetype oid, typtypmod int4, typndims int4, typcollation
     oid, typdefaultbin text, typdefault text, typacl text[]`,
  ],
  pg_attribute: [
    1249,
    `attrelid oid, attname name, atttypid oid, attstattarget int4, attlen int2, attnum int2, attndims
     int4, attcacheoff int4, atttypmod int4, attbyval boolean, attalign char, attstorage char,
     attcompression char, attnotnull boolean, atthasdef boolean, atthasmissing boolean, attidentity char,
     attgenerated char, attisdropped boolean, attislocal boolean, attinhcount int4, attcollation oid,
     attacl text[], attoptions text[], attfdwoptions text[], attmissingval text`,
  ],
  pg_proc: [
    1255,
    `oid oid, proname name, pronamespace oid, proowner oid, prolang oid, procost float4, prorows float4,
     provariadic oid, prosupport regproc, prokind char, prosecdef boolean, proleakproof boolean,
     proisstrict boolean, proretset boolean, provolatile char, proparallel char, pronargs int2,
     pronargdefaults int2, prorettype oid, proargtypes oid[], proallargtypes oid[], proargmodes char[],
     proargnames text[], proargdefaults text, protrftypes oid[], prosrc text, probin text, prosqlbody
     text, proconfig text[], proacl text[]`,
  ],
  pg_class: [
    1259,
    `oid oid, relname name, relnamespace oid, reltype oid, reloftype oid, relowner oid, relam oid,
     relfilenode oid, reltablespace oid, relpages int4, reltuples float4, relallvisible int4,
     reltoastrelid oid, relhasindex boolean, relisshared boolean, relpersistence char, relkind char,
     relnatts int2, relchecks int2, relhasrules boolean, relhastriggers boolean, relhassubclass boolean,
     relrowsecurity boolean, relforcerowsecurity boolean, relispopulated boolean, relreplident char,
     relispartition boolean, relrewrite oid, relfrozenxid int8, relminmxid int8, relacl text[],
     reloptions text[], relpartbound text`,
  ],
  pg_authid: [
    1260,
    `oid oid, rolname name, rolsuper boolean, rolinherit boolean, rolcreaterole boolean, rolcreatedb
     boolean, rolcanlogin boolean, rolreplication boolean, rolbypassrls boolean, rolconnlimit int4,
     rolpassword text, rolvaliduntil timestamptz`,
  ],
  pg_auth_members: [1261, `roleid oid, member oid, grantor oid, admin_option boolean`],
  pg_database: [
    1262,
    `oid oid, datname name, datdba oid, encoding int4, datlocprovider char, datistemplate boolean,
     datallowconn boolean, datconnlimit int4, datfrozenxid int8, datminmxid int8, dattablespace oid,
     datcollate text, datctype text, daticulocale text, datcollversion text, datacl text[]`,
  ],
  pg_foreign_server: [
    1417,
    `oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text, srvversion text, srvacl text[],
     srvoptions text[]`,
  ],
  pg_sequence: [
    2224,
    `seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, seqmin int8, seqcache
     int8, seqcycle boolean`,
  ],
  pg_foreign_data_wrapper: [
    2328,
    `oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator oid, fdwacl text[], fdwoptions
     text[]`,
  ],
  pg_shdescription: [2396, `objoid oid, classoid oid, description text`],
  pg_aggregate: [
    2600,
    `aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn regproc, aggfinalfn regproc,
     aggcombinefn regproc, aggserialfn regproc, aggdeserialfn regproc, aggmtransfn regproc,
     aggminvtransfn regproc, aggmfinalfn regproc, aggfinalextra boolean, aggmfinalextra boolean,
     aggfinalmodify char, aggmfinalmodify char, aggsortop oid, aggtranstype oid, aggtransspace int4,
     aggmtranstype oid, aggmtransspace int4, agginitval text, aggminitval text`,
  ],
  pg_am: [2601, `oid oid, amname name, amhandler regproc, amtype char`],
  pg_amop: [
    2602,
    `oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, amoppurpose char,
     amopopr oid, amopmethod oid, amopsortfamily oid`,
  ],
  pg_amproc: [
    2603,
    `oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, amproc regproc`,
  ],
  pg_attrdef: [2604, `oid oid, adrelid oid, adnum int2, adbin text`],
  pg_cast: [2605, `oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod char`],
  pg_constraint: [
    2606,
    `oid oid, conname name, connamespace oid, contype char, condeferrable boolean, condeferred boolean,
     convalidated boolean, conrelid oid, contypid oid, conindid oid, conparentid oid, confrelid oid,
     confupdtype char, confdeltype char, confmatchtype char, conislocal boolean, coninhcount int4,
     connoinherit boolean, conkey int2[], confkey int2[], conpfeqop oid[], conppeqop oid[], conffeqop
     oid[], confdelsetcols int2[], conexclop oid[], conbin text`,
  ],
  pg_conversion: [
    2607,
    `oid oid, conname name, connamespace oid, conowner oid, conforencoding int4, contoencoding int4,
     conproc regproc, condefault boolean`,
  ],
  pg_depend: [
    2608,
    `classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, deptype char`,
  ],
  pg_description: [2609, `objoid oid, classoid oid, objsubid int4, description text`],
  pg_index: [
    2610,
    `indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique boolean,
     indnullsnotdistinct boolean, indisprimary boolean, indisexclusion boolean, indimmediate boolean,
     indisclustered boolean, indisvalid boolean, indcheckxmin boolean, indisready boolean, indislive
     boolean, indisreplident boolean, indkey int2[], indcollation oid[], indclass oid[], indoption
     int2[], indexprs text, indpred text`,
  ],
  pg_inherits: [2611, `inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending boolean`],
  pg_language: [
    2612,
    `oid oid, lanname name, lanowner oid, lanispl boolean, lanpltrusted boolean, lanplcallfoid oid,
     laninline oid, lanvalidator oid, lanacl text[]`,
  ],
  pg_namespace: [2615, `oid oid, nspname name, nspowner oid, nspacl text[]`],
  pg_opclass: [
    2616,
    `oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner oid, opcfamily oid, opcintype oid,
     opcdefault boolean, opckeytype oid`,
  ],
  pg_operator: [
    2617,
    `oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind char, oprcanmerge boolean, oprcanhash
     boolean, oprleft oid, oprright oid, oprresult oid, oprcom oid, oprnegate oid, oprcode regproc,
     oprrest regproc, oprjoin regproc`,
  ],
  pg_rewrite: [
    2618,
    `oid oid, rulename name, ev_class oid, ev_type char, ev_enabled char, is_instead boolean, ev_qual
     text, ev_action text`,
  ],
  pg_trigger: [
    2620,
    `oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char,
     tgisinternal boolean, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, tgdeferrable boolean,
     tginitdeferred boolean, tgnargs int2, tgattr int2[], tgargs bytea, tgqual text, tgoldtable name,
     tgnewtable name`,
  ],
  pg_opfamily: [2753, `oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid`],
  pg_extension: [
    3079,
    `oid oid, extname name, extowner oid, extnamespace oid, extrelocatable boolean, extversion text,
     extconfig oid[], extcondition text[]`,
  ],
  pg_foreign_table: [3118, `ftrelid oid, ftserver oid, ftoptions text[]`],
  pg_policy: [
    3256,
    `oid oid, polname name, polrelid oid, polcmd char, polpermissive boolean, polroles oid[], polqual
     text, polwithcheck text`,
  ],
  pg_partitioned_table: [
    3350,
    `partrelid oid, partstrat char, partnatts int2, partdefid oid, partattrs int2[], partclass oid[],
     partcollation oid[], partexprs text`,
  ],
  pg_statistic_ext: [
    3381,
    `oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int4, stxkeys
     int2[], stxkind char[], stxexprs text`,
  ],
  pg_statistic_ext_data: [
    3429,
    `stxoid oid, stxdinherit boolean, stxdndistinct text, stxddependencies text, stxdmcv text, stxdexpr
     text`,
  ],
  pg_collation: [
    3456,
    `oid oid, collname name, collnamespace oid, collowner oid, collprovider char, collisdeterministic
     boolean, collencoding int4, collcollate text, collctype text, colliculocale text, collversion text`,
  ],
  pg_event_trigger: [
    3466,
    `oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled char, evttags text[]`,
  ],
  pg_enum: [3501, `oid oid, enumtypid oid, enumsortorder float4, enumlabel name`],
  pg_range: [
    3541,
    `rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid, rngcanonical
     regproc, rngsubdiff regproc`,
  ],
  pg_publication: [
    6104,
    `oid oid, pubname name, pubowner oid, puballtables boolean, pubinsert boolean, pubupdate boolean,
     pubdelete boolean, pubtruncate boolean, pubviaroot boolean`,
  ],
  pg_publication_rel: [6106, `oid oid, prpubid oid, prrelid oid, prqual text, prattrs int2[]`],
  pg_publication_namespace: [6237, `oid oid, pnpubid oid, pnnspid oid`],
  pg_default_acl: [826, `oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char, defaclacl text[]`],
  pg_user_mapping: [1418, `oid oid, umuser oid, umserver oid, umoptions text[]`],
  pg_db_role_setting: [2964, `setdatabase oid, setrole oid, setconfig text[]`],
  pg_largeobject_metadata: [2995, `oid oid, lomowner oid, lomacl text[]`],
  pg_init_privs: [3394, `objoid oid, classoid oid, objsubid int4, privtype char, initprivs text[]`],
  pg_transform: [3576, `oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc`],
  pg_shseclabel: [3592, `objoid oid, classoid oid, provider text, label text`],
  pg_seclabel: [3596, `objoid oid, classoid oid, objsubid int4, provider text, label text`],
  pg_ts_dict: [3600, `oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, dictinitoption text`],
  pg_ts_parser: [
    3601,
    `oid oid, prsname name, prsnamespace oid, prsstart regproc, prstoken regproc, prsend regproc,
     prsheadline regproc, prslextype regproc`,
  ],
  pg_ts_config: [3602, `oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid`],
  pg_ts_config_map: [3603, `mapcfg oid, maptokentype int4, mapseqno int4, mapdict oid`],
  pg_ts_template: [3764, `oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc`],
  pg_replication_origin: [6000, `roident oid, roname text`],
  pg_subscription: [
    6100,
    `oid oid, subdbid oid, subskiplsn text, subname name, subowner oid, subenabled boolean, subbinary
     boolean, substream boolean, subtwophasestate char, subdisableonerr boolean, subconninfo text,
     subslotname name, subsynccommit text, subpublications text[]`,
  ],
  pg_subscription_rel: [6102, `srsubid oid, srrelid oid, srsubstate char, srsublsn text`],
  pg_parameter_acl: [6243, `oid oid, parname text, paracl text[]`],
}
