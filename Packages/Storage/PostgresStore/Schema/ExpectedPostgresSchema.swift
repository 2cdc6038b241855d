extension StoredPostgresSchema {
    /// The ``digest`` of this version's schema.
    static let expectedDigest = "f2e3b496dd86b02946887c64023ffd9e2e8f20aa119455c647b5d8e2788a4c67"

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
        4fb7b37f column spend_aliases.actor
        6a356c8d column spend_aliases.name
        94ab2dd9 column spend_aliases.recorded_at
        32bf34c6 column spend_aliases.target
        a3a8252d column spend_calls.digest
        99c1827d column spend_calls.hour
        ed00da78 column spend_daily.cache_read
        82e60ff3 column spend_daily.cache_write
        95bfde91 column spend_daily.calls
        99c1827d column spend_daily.day
        1e5e523a column spend_daily.input
        94ab2dd9 column spend_daily.meter
        2c43c056 column spend_daily.output
        4a987efc column spend_daily.owner
        2c43c056 column spend_days.cache_read
        ed00da78 column spend_days.cache_write
        94ab2dd9 column spend_days.calls
        99c1827d column spend_days.day
        95bfde91 column spend_days.input
        4a987efc column spend_days.meter
        1e5e523a column spend_days.output
        94ab2dd9 column spend_lease.ends_at
        32bf34c6 column spend_lease.holder
        99c1827d column spend_lease.only
        99c1827d column spend_meters.id
        b0a63b2c column spend_meters.model
        95bfde91 column spend_meters.prompt
        32bf34c6 column spend_meters.region
        ed00da78 column spend_monthly.cache_read
        82e60ff3 column spend_monthly.cache_write
        95bfde91 column spend_monthly.calls
        1e5e523a column spend_monthly.input
        94ab2dd9 column spend_monthly.meter
        99c1827d column spend_monthly.month
        2c43c056 column spend_monthly.output
        4a987efc column spend_monthly.owner
        99c1827d column spend_owners.id
        4fb7b37f column spend_owners.key_id
        32bf34c6 column spend_owners.kind
        b0a63b2c column spend_owners.name
        5d0a923c column spend_owners.project
        1ff5aca0 column spend_prices.actor
        82e60ff3 column spend_prices.effective
        99c1827d column spend_prices.id
        77852fb5 column spend_prices.kind
        b0a63b2c column spend_prices.model
        8a5013ed column spend_prices.price
        959be2ac column spend_prices.recorded_at
        4fb7b37f column spend_prices.region
        5d0a923c column spend_prices.routing
        32bf34c6 column spend_prices.source
        561ad31c column spend_quarantine.hash
        b0a63b2c column spend_quarantine.place
        32bf34c6 column spend_quarantine.reason
        95bfde91 column spend_quarantine.seen_at
        94ab2dd9 column spend_regions.ingested_at
        4a987efc column spend_regions.latest_at
        6a356c8d column spend_regions.region
        6a356c8d column spend_totals.name
        4a987efc column spend_totals.value
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
        70268fd6 constraint spend_aliases_pkey of spend_aliases
        bbbd9baa constraint spend_calls_digest_check of spend_calls
        6d74e743 constraint spend_calls_pkey of spend_calls
        3a50cd8d constraint spend_daily_cache_read_check of spend_daily
        1b29cdaa constraint spend_daily_cache_write_check of spend_daily
        5ae60474 constraint spend_daily_calls_check of spend_daily
        f04740cf constraint spend_daily_input_check of spend_daily
        259ed99c constraint spend_daily_meter_fkey of spend_daily
        4ccbfc75 constraint spend_daily_output_check of spend_daily
        bfae6cf3 constraint spend_daily_owner_fkey of spend_daily
        27797a6f constraint spend_daily_pkey of spend_daily
        3a50cd8d constraint spend_days_cache_read_check of spend_days
        1b29cdaa constraint spend_days_cache_write_check of spend_days
        5ae60474 constraint spend_days_calls_check of spend_days
        f04740cf constraint spend_days_input_check of spend_days
        259ed99c constraint spend_days_meter_fkey of spend_days
        4ccbfc75 constraint spend_days_output_check of spend_days
        017466e1 constraint spend_days_pkey of spend_days
        798f50c4 constraint spend_lease_only_check of spend_lease
        711bfe53 constraint spend_lease_pkey of spend_lease
        5194cd67 constraint spend_meters_pkey of spend_meters
        f357d5e1 constraint spend_meters_prompt_check of spend_meters
        be60f0f4 constraint spend_meters_region_model_prompt_key of spend_meters
        3a50cd8d constraint spend_monthly_cache_read_check of spend_monthly
        1b29cdaa constraint spend_monthly_cache_write_check of spend_monthly
        5ae60474 constraint spend_monthly_calls_check of spend_monthly
        f04740cf constraint spend_monthly_input_check of spend_monthly
        259ed99c constraint spend_monthly_meter_fkey of spend_monthly
        4ccbfc75 constraint spend_monthly_output_check of spend_monthly
        bfae6cf3 constraint spend_monthly_owner_fkey of spend_monthly
        cfc77544 constraint spend_monthly_pkey of spend_monthly
        62079bb6 constraint spend_owners_kind_name_key_id_project_key of spend_owners
        5194cd67 constraint spend_owners_pkey of spend_owners
        3e67318e constraint spend_prices_check of spend_prices
        479e135f constraint spend_prices_kind_check of spend_prices
        5194cd67 constraint spend_prices_pkey of spend_prices
        ce965225 constraint spend_prices_price_check of spend_prices
        590c45bc constraint spend_prices_routing_check of spend_prices
        b9b355aa constraint spend_prices_source_check of spend_prices
        5cc43365 constraint spend_quarantine_hash_check of spend_quarantine
        5e7cfed1 constraint spend_quarantine_pkey of spend_quarantine
        f094b269 constraint spend_regions_pkey of spend_regions
        20a24299 constraint spend_totals_name_check of spend_totals
        70268fd6 constraint spend_totals_pkey of spend_totals
        0c4f87fd constraint spend_totals_value_check of spend_totals
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
        1e64112b function bursar.spend_calls_remain()
        7b2281ce function bursar.spend_totals_grow()
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
        6472cf62 index spend_aliases_pkey
        c0f049a8 index spend_calls_pkey
        f850b9c6 index spend_daily_pkey
        8f039f08 index spend_days_pkey
        aafbf6df index spend_lease_pkey
        42e8fb06 index spend_meters_pkey
        f2d04e04 index spend_meters_region_model_prompt_key
        55a66249 index spend_monthly_pkey
        b8d03243 index spend_owners_kind_name_key_id_project_key
        bd5b24c3 index spend_owners_pkey
        b383394d index spend_prices_pkey
        dfa80411 index spend_quarantine_pkey
        8c246dc9 index spend_regions_pkey
        44c0f38b index spend_totals_pkey
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
        b20200fb table spend_aliases
        67ae144d table spend_calls
        87fef11e table spend_daily
        87fef11e table spend_days
        562ee33d table spend_lease
        05cb2e72 table spend_meters
        87fef11e table spend_monthly
        05cb2e72 table spend_owners
        04a05f16 table spend_prices
        05cb2e72 table spend_quarantine
        87fef11e table spend_regions
        87fef11e table spend_totals
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
        978b45fc trigger spend_aliases_not_emptied of spend_aliases
        e9f260b4 trigger spend_calls_not_emptied of spend_calls
        c85ee21a trigger spend_calls_remain of spend_calls
        4be02f0a trigger spend_calls_stay of spend_calls
        1b538cb7 trigger spend_daily_meter_fkey RI_FKey_check_ins 5 of spend_daily
        603d8970 trigger spend_daily_meter_fkey RI_FKey_check_upd 17 of spend_daily
        b4287173 trigger spend_daily_meter_fkey RI_FKey_noaction_del 9 of spend_meters
        311255b0 trigger spend_daily_meter_fkey RI_FKey_noaction_upd 17 of spend_meters
        047dfe7c trigger spend_daily_not_emptied of spend_daily
        1b538cb7 trigger spend_daily_owner_fkey RI_FKey_check_ins 5 of spend_daily
        603d8970 trigger spend_daily_owner_fkey RI_FKey_check_upd 17 of spend_daily
        b4287173 trigger spend_daily_owner_fkey RI_FKey_noaction_del 9 of spend_owners
        311255b0 trigger spend_daily_owner_fkey RI_FKey_noaction_upd 17 of spend_owners
        1b538cb7 trigger spend_days_meter_fkey RI_FKey_check_ins 5 of spend_days
        603d8970 trigger spend_days_meter_fkey RI_FKey_check_upd 17 of spend_days
        b4287173 trigger spend_days_meter_fkey RI_FKey_noaction_del 9 of spend_meters
        311255b0 trigger spend_days_meter_fkey RI_FKey_noaction_upd 17 of spend_meters
        aa4d03e3 trigger spend_days_not_emptied of spend_days
        ab4a363f trigger spend_lease_not_emptied of spend_lease
        d69a413f trigger spend_meters_not_emptied of spend_meters
        1b538cb7 trigger spend_monthly_meter_fkey RI_FKey_check_ins 5 of spend_monthly
        603d8970 trigger spend_monthly_meter_fkey RI_FKey_check_upd 17 of spend_monthly
        b4287173 trigger spend_monthly_meter_fkey RI_FKey_noaction_del 9 of spend_meters
        311255b0 trigger spend_monthly_meter_fkey RI_FKey_noaction_upd 17 of spend_meters
        f6211c2c trigger spend_monthly_not_emptied of spend_monthly
        1b538cb7 trigger spend_monthly_owner_fkey RI_FKey_check_ins 5 of spend_monthly
        603d8970 trigger spend_monthly_owner_fkey RI_FKey_check_upd 17 of spend_monthly
        b4287173 trigger spend_monthly_owner_fkey RI_FKey_noaction_del 9 of spend_owners
        311255b0 trigger spend_monthly_owner_fkey RI_FKey_noaction_upd 17 of spend_owners
        0873d950 trigger spend_owners_not_emptied of spend_owners
        a7b76eaa trigger spend_prices_not_emptied of spend_prices
        d23aeac2 trigger spend_prices_remain of spend_prices
        a56e01f1 trigger spend_prices_stay of spend_prices
        b8c22607 trigger spend_quarantine_not_emptied of spend_quarantine
        1af9e543 trigger spend_regions_not_emptied of spend_regions
        748ea35f trigger spend_totals_grow of spend_totals
        02d87b06 trigger spend_totals_not_emptied of spend_totals
        a9cd754f trigger spend_totals_stay of spend_totals
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
