extension StoredTable {
    /// The tables of what calls cost.
    ///
    /// The horizon, one of the totals, comes before the keys that it is about.
    static let spend = [
        Self("spend_totals", [.text("name"), .integer("value")], by: [.text("name")]),
        Self(
            "spend_owners",
            [.integer("id"), .text("kind"), .text("name"), .text("key_id"), .text("project")],
            by: [.integer("id")]
        ),
        Self(
            "spend_meters",
            [.integer("id"), .text("region"), .text("model"), .integer("prompt")],
            by: [.integer("id")]
        ),
        Self(
            "spend_calls",
            [.integer("hour"), .blob("digest")],
            by: [.integer("hour"), .blob("digest")]
        ),
        spend("spend_daily", by: [.integer("day"), .integer("owner"), .integer("meter")]),
        spend("spend_monthly", by: [.integer("month"), .integer("owner"), .integer("meter")]),
        spend("spend_days", by: [.integer("day"), .integer("meter")]),
        Self(
            "spend_quarantine",
            [.blob("hash"), .text("reason"), .text("place"), .integer("seen_at")],
            by: [.blob("hash")]
        ),
        Self(
            "spend_regions",
            [.text("region"), .integer("latest_at"), .integer("ingested_at")],
            by: [.text("region")]
        ),
        Self(
            "spend_prices",
            [
                .integer("id"), .text("source"), .text("model"), .text("region"), .text("routing"), .text("kind"),
                .integer("price"), .integer("effective"), .integer("recorded_at"), .text("actor"),
            ],
            by: [.integer("id")]
        ),
        Self(
            "spend_aliases",
            [.text("name"), .text("target"), .integer("recorded_at"), .text("actor")],
            by: [.text("name")]
        ),
    ]

    private static func spend(_ name: String, by key: [Column]) -> Self {
        Self(name, key + SpendColumns.counts.map { .integer($0) }, by: key)
    }
}
