extension StoredPostgresSchema {
    /// The ``digest`` of this version's schema.
    static let expectedDigest = "0b74dd68f502c208f35e05d989bc61af8b118555faa782a52369e1a95394b4bd"

    /// The ``summary`` of this version's schema, to name what differs.
    static let expectedSummary = """
        6a356c8d column key_projects.key_id
        b0a63b2c column key_projects.project
        4a987efc column key_projects.since
        fd2e0720 column keys.allowed
        9a66f8b3 column keys.canary
        1e5e523a column keys.created_at
        6101a2c8 column keys.daily_limit
        2c43c056 column keys.expires_at
        4fb7b37f column keys.hash
        6a356c8d column keys.id
        0e311f72 column keys.label
        fa020525 column keys.models
        ac4cff6c column keys.project
        16f3c4be column keys.rate
        d0c36d24 column keys.replaced_by
        32bf34c6 column keys.researcher
        8a5013ed column keys.revoked_at
        88ac1146 column keys.revoked_reason
        17bf55d4 column keys.session_seconds
        05b61dcc column keys.version
        a3a8252d column probe.filler
        99c1827d column probe.only
        dbac7dd5 column pruned.hash
        99c1827d column pruned.only
        4a987efc column pruned.sequence
        7b4848ee column records.access_key_id
        c42378f5 column records.actor
        9ecab7e4 column records.address
        e4831dfc column records.detail
        0209bf0d column records.expires_at
        08ae5b80 column records.format
        e08552d0 column records.hash
        3072e27c column records.key_id
        281d6eff column records.kind
        f6321419 column records.occurred_at
        5a819d9c column records.reason
        c61b1ba8 column records.request_id
        f70cd255 column records.researcher
        fc300ee1 column records.sequence
        b0a63b2c column researcher_projects.project
        6a356c8d column researcher_projects.researcher
        4a987efc column researcher_projects.since
        148acfd4 column researchers.created_at
        bd154f38 column researchers.disabled_at
        fa020525 column researchers.disabled_reason
        4fb7b37f column researchers.email
        037aaa4e column researchers.ends_at
        c91fed36 column researchers.folded
        ff2939b0 column researchers.handle
        b0a63b2c column researchers.name
        7b4848ee column researchers.note
        dc5c25af column researchers.project
        a5632737 column researchers.purpose
        b7bf05b6 column researchers.sessions_valid_from
        9ecab7e4 column researchers.sponsor
        99c1827d column revision.only
        545548d9 column revision.paused_at
        4a987efc column revision.value
        95bfde91 column schema_versions.applied_at
        32bf34c6 column schema_versions.name
        94ab2dd9 column schema_versions.oldest_program
        99c1827d column schema_versions.version
        32bf34c6 column servers.host
        6a356c8d column servers.id
        1e5e523a column servers.revision
        95bfde91 column servers.seen_at
        b0a63b2c column servers.version
        95bfde91 column usage_daily.count
        99c1827d column usage_daily.day
        32bf34c6 column usage_daily.key_id
        1e5e523a column usage_daily.last_at
        b0a63b2c column usage_daily.outcome
        94ab2dd9 column usage_keys.first_at
        6a356c8d column usage_keys.key_id
        95bfde91 column usage_keys.last_at
        1e5e523a column usage_keys.last_sequence
        2c43c056 column usage_keys.live_until
        4a987efc column usage_keys.vends
        95bfde91 column usage_monthly.count
        32bf34c6 column usage_monthly.key_id
        1e5e523a column usage_monthly.last_at
        99c1827d column usage_monthly.month
        b0a63b2c column usage_monthly.outcome
        95bfde91 column usage_network_splits.count
        6a356c8d column usage_network_splits.key_id
        1e5e523a column usage_network_splits.last_at
        b0a63b2c column usage_network_splits.network
        4a987efc column usage_network_splits.since
        95bfde91 column usage_networks.count
        99c1827d column usage_networks.day
        32bf34c6 column usage_networks.key_id
        1e5e523a column usage_networks.last_at
        b0a63b2c column usage_networks.network
        95bfde91 column usage_networks_monthly.count
        32bf34c6 column usage_networks_monthly.key_id
        1e5e523a column usage_networks_monthly.last_at
        99c1827d column usage_networks_monthly.month
        b0a63b2c column usage_networks_monthly.network
        95bfde91 column usage_splits.count
        6a356c8d column usage_splits.key_id
        1e5e523a column usage_splits.last_at
        b0a63b2c column usage_splits.outcome
        4a987efc column usage_splits.since
        94ab2dd9 column usage_totals.count
        99c1827d column usage_totals.day
        95bfde91 column usage_totals.last_at
        32bf34c6 column usage_totals.outcome
        99c1827d column writer.only
        efaf5dec constraint key_projects_key_id_fkey of key_projects
        8314bf65 constraint key_projects_pkey of key_projects
        dd3c2f5e constraint keys_canary_check of keys
        819b50ca constraint keys_check of keys
        94ff1764 constraint keys_daily_limit_check of keys
        f467533b constraint keys_hash_check of keys
        da78d5ee constraint keys_id_check of keys
        5194cd67 constraint keys_pkey of keys
        3346e465 constraint keys_rate_check of keys
        ca22052e constraint keys_replaced_by_fkey of keys
        4d6f4e50 constraint keys_researcher_fkey of keys
        c8a2f07c constraint keys_session_seconds_check of keys
        798f50c4 constraint probe_only_check of probe
        711bfe53 constraint probe_pkey of probe
        5cc43365 constraint pruned_hash_check of pruned
        798f50c4 constraint pruned_only_check of pruned
        711bfe53 constraint pruned_pkey of pruned
        5cc43365 constraint records_hash_check of records
        e535e11f constraint records_pkey of records
        fe40903c constraint records_sequence_check of records
        14625bf0 constraint researcher_projects_pkey of researcher_projects
        3ab4922a constraint researcher_projects_researcher_fkey of researcher_projects
        064c67da constraint researchers_folded_key of researchers
        436740d9 constraint researchers_handle_check of researchers
        f563a2c2 constraint researchers_pkey of researchers
        0d12481e constraint researchers_purpose_check of researchers
        798f50c4 constraint revision_only_check of revision
        711bfe53 constraint revision_pkey of revision
        d2ba4c4c constraint schema_versions_pkey of schema_versions
        5194cd67 constraint servers_pkey of servers
        48e84e61 constraint usage_daily_count_check of usage_daily
        91576a69 constraint usage_daily_pkey of usage_daily
        758061f9 constraint usage_keys_pkey of usage_keys
        ba3ea737 constraint usage_keys_vends_check of usage_keys
        48e84e61 constraint usage_monthly_count_check of usage_monthly
        a168f857 constraint usage_monthly_pkey of usage_monthly
        48e84e61 constraint usage_network_splits_count_check of usage_network_splits
        075b0d45 constraint usage_network_splits_key_id_since_fkey of usage_network_splits
        f34a6665 constraint usage_network_splits_pkey of usage_network_splits
        48e84e61 constraint usage_networks_count_check of usage_networks
        48e84e61 constraint usage_networks_monthly_count_check of usage_networks_monthly
        50791df3 constraint usage_networks_monthly_pkey of usage_networks_monthly
        e1b7891f constraint usage_networks_pkey of usage_networks
        48e84e61 constraint usage_splits_count_check of usage_splits
        075b0d45 constraint usage_splits_key_id_since_fkey of usage_splits
        6a1f7a24 constraint usage_splits_pkey of usage_splits
        48e84e61 constraint usage_totals_count_check of usage_totals
        cc5bad53 constraint usage_totals_pkey of usage_totals
        798f50c4 constraint writer_only_check of writer
        711bfe53 constraint writer_pkey of writer
        6a057433 function bursar.key_changed()
        fce5cc63 function bursar.key_projects_begin()
        f3f9a4c4 function bursar.key_projects_follow()
        0c70dfac function bursar.keys_follow_projects()
        5861d41a function bursar.keys_keep()
        c4ff195a function bursar.keys_take_project()
        10185afc function bursar.pruned_moves_on()
        2782f94f function bursar.records_follow()
        387450e0 function bursar.records_remain()
        86459409 function bursar.refuse()
        6a165bfe function bursar.researcher_changed()
        77bd3e38 function bursar.researcher_projects_begin()
        798b4ea6 function bursar.researcher_projects_follow()
        8a333837 function bursar.researchers_follow_projects()
        9cbddeb2 function bursar.researchers_keep_purpose()
        f7cfaade function bursar.vending_switched()
        356c4e56 index key_projects_pkey
        7cd8d843 index keys_by_researcher
        5c3259e3 index keys_by_version
        b5f2f0c4 index keys_pkey
        6945ef94 index probe_pkey
        f62f65db index pruned_pkey
        6159b1d5 index records_of_operators
        e39ead73 index records_pkey
        7df1616b index researcher_projects_pkey
        2a679497 index researchers_folded_key
        2a1a306b index researchers_pkey
        ed351562 index revision_pkey
        c4564149 index schema_versions_pkey
        da9bc950 index servers_pkey
        7d452508 index usage_daily_pkey
        e21a73a7 index usage_keys_pkey
        af34e55b index usage_monthly_pkey
        3dd1f15a index usage_network_splits_pkey
        9c9cc9c2 index usage_networks_monthly_pkey
        1f930fa5 index usage_networks_pkey
        3205a640 index usage_splits_pkey
        38b2cbc3 index usage_totals_pkey
        0742506e index writer_pkey
        b76c4ff3 schema bursar
        04a05f16 table key_projects
        079f5d41 table keys
        8e27d09c table probe
        c8ab961a table pruned
        3c47a6c9 table records
        04a05f16 table researcher_projects
        4c668062 table researchers
        c8ab961a table revision
        fdc815d2 table schema_versions
        61447ec2 table servers
        87fef11e table usage_daily
        87fef11e table usage_keys
        87fef11e table usage_monthly
        04a05f16 table usage_network_splits
        87fef11e table usage_networks
        87fef11e table usage_networks_monthly
        04a05f16 table usage_splits
        87fef11e table usage_totals
        8e27d09c table writer
        3d83a0f4 trigger key_changed of keys
        675ff03f trigger key_issued of keys
        b15629ef trigger key_projects_begin of keys
        cc8d2811 trigger key_projects_follow of key_projects
        1b538cb7 trigger key_projects_key_id_fkey RI_FKey_check_ins 5 of key_projects
        603d8970 trigger key_projects_key_id_fkey RI_FKey_check_upd 17 of key_projects
        b4287173 trigger key_projects_key_id_fkey RI_FKey_noaction_del 9 of keys
        311255b0 trigger key_projects_key_id_fkey RI_FKey_noaction_upd 17 of keys
        91b43000 trigger key_projects_not_emptied of key_projects
        719dcd1b trigger key_projects_stay of key_projects
        7c444d29 trigger keys_follow_projects of keys
        e6469ea3 trigger keys_keep of keys
        73db9ceb trigger keys_not_emptied of keys
        1b538cb7 trigger keys_replaced_by_fkey RI_FKey_check_ins 5 of keys
        603d8970 trigger keys_replaced_by_fkey RI_FKey_check_upd 17 of keys
        b4287173 trigger keys_replaced_by_fkey RI_FKey_noaction_del 9 of keys
        311255b0 trigger keys_replaced_by_fkey RI_FKey_noaction_upd 17 of keys
        1b538cb7 trigger keys_researcher_fkey RI_FKey_check_ins 5 of keys
        603d8970 trigger keys_researcher_fkey RI_FKey_check_upd 17 of keys
        b4287173 trigger keys_researcher_fkey RI_FKey_noaction_del 9 of researchers
        311255b0 trigger keys_researcher_fkey RI_FKey_noaction_upd 17 of researchers
        422b4083 trigger keys_stay of keys
        9bed8cb5 trigger keys_take_project of keys
        ba1699cc trigger probe_not_emptied of probe
        cbbf1128 trigger pruned_moves_on of pruned
        ab021934 trigger pruned_not_emptied of pruned
        f3c2c0b1 trigger pruned_stays of pruned
        c2aa85e8 trigger records_follow of records
        2898a572 trigger records_not_emptied of records
        47c6ebb9 trigger records_remain of records
        2d38aec9 trigger records_stay of records
        2652a262 trigger researcher_changed of researchers
        eaa09819 trigger researcher_projects_begin of researchers
        37266ae1 trigger researcher_projects_follow of researcher_projects
        1b41bee5 trigger researcher_projects_not_emptied of researcher_projects
        1b538cb7 trigger researcher_projects_researcher_fkey RI_FKey_check_ins 5 of researcher_projects
        603d8970 trigger researcher_projects_researcher_fkey RI_FKey_check_upd 17 of researcher_projects
        b4287173 trigger researcher_projects_researcher_fkey RI_FKey_noaction_del 9 of researchers
        311255b0 trigger researcher_projects_researcher_fkey RI_FKey_noaction_upd 17 of researchers
        719dcd1b trigger researcher_projects_stay of researcher_projects
        a9b9d06b trigger researchers_follow_projects of researchers
        9737746c trigger researchers_keep_purpose of researchers
        bb3b4069 trigger researchers_not_emptied of researchers
        84a63606 trigger revision_not_emptied of revision
        3580115c trigger servers_not_emptied of servers
        7ec6a08c trigger usage_daily_not_emptied of usage_daily
        d48ddab3 trigger usage_keys_not_emptied of usage_keys
        259a2d9a trigger usage_monthly_not_emptied of usage_monthly
        1b538cb7 trigger usage_network_splits_key_id_since_fkey RI_FKey_check_ins 5 of usage_network_splits
        603d8970 trigger usage_network_splits_key_id_since_fkey RI_FKey_check_upd 17 of usage_network_splits
        b4287173 trigger usage_network_splits_key_id_since_fkey RI_FKey_noaction_del 9 of key_projects
        311255b0 trigger usage_network_splits_key_id_since_fkey RI_FKey_noaction_upd 17 of key_projects
        814c095d trigger usage_network_splits_not_emptied of usage_network_splits
        1b78c707 trigger usage_network_splits_stay of usage_network_splits
        aec549b1 trigger usage_networks_monthly_not_emptied of usage_networks_monthly
        0718dfdd trigger usage_networks_not_emptied of usage_networks
        1b538cb7 trigger usage_splits_key_id_since_fkey RI_FKey_check_ins 5 of usage_splits
        603d8970 trigger usage_splits_key_id_since_fkey RI_FKey_check_upd 17 of usage_splits
        b4287173 trigger usage_splits_key_id_since_fkey RI_FKey_noaction_del 9 of key_projects
        311255b0 trigger usage_splits_key_id_since_fkey RI_FKey_noaction_upd 17 of key_projects
        26b9310e trigger usage_splits_not_emptied of usage_splits
        1b78c707 trigger usage_splits_stay of usage_splits
        bc933ea0 trigger usage_totals_not_emptied of usage_totals
        7bfad65a trigger vending_switched of revision
        f1c3de3d trigger writer_not_emptied of writer
        79c2afeb trigger writer_stays of writer
        """
}
