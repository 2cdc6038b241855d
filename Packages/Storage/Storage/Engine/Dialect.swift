/// The few words of SQL that the engines spell differently.
package enum Dialect: Sendable {
    case sqlite
    case postgres

    /// The larger of two values that aren't NULL.
    package func greatest(_ one: String, _ other: String) -> String {
        switch self {
        case .sqlite: "max(\(one), \(other))"
        case .postgres: "greatest(\(one), \(other))"
        }
    }

    /// The words after a table's name that make the engine use an index; SQLite's planner needs them, PostgreSQL has none.
    package func indexed(by index: String) -> String {
        switch self {
        case .sqlite: "INDEXED BY \(index)"
        case .postgres: ""
        }
    }

    /// A join with a condition that SQLite runs in the order of its tables.
    package var orderedJoin: String {
        switch self {
        case .sqlite: "CROSS JOIN"
        case .postgres: "JOIN"
        }
    }

    /// A query with the elements, in its column `value`, of the argument that is a JSON array of strings.
    package var elementsOfJSONArgument: String {
        switch self {
        case .sqlite: "SELECT value FROM json_each(?)"
        case .postgres: "SELECT value FROM jsonb_array_elements_text(?::text::jsonb) AS elements (value)"
        }
    }

    /// The condition that `column`, which has an index, is an element of the argument that is a JSON array of strings.
    ///
    /// PostgreSQL, which can't foresee the number of elements, might rather read all rows for a join.
    package func isElementOfJSONArgument(_ column: String) -> String {
        switch self {
        case .sqlite: "\(column) IN (\(elementsOfJSONArgument))"
        case .postgres: "\(column) = ANY (ARRAY(\(elementsOfJSONArgument)))"
        }
    }

    /// The month, counted from 0000-01, of a day, counted from 1970-01-01.
    package func month(ofDay day: String) -> String {
        switch self {
        case .sqlite:
            "(strftime('%Y', \(day) * 86400, 'unixepoch') * 12 + strftime('%m', \(day) * 86400, 'unixepoch') - 1)"
        case .postgres:
            """
            (extract(year FROM date '1970-01-01' + CAST(\(day) AS integer)) * 12
                + extract(month FROM date '1970-01-01' + CAST(\(day) AS integer)) - 1)::bigint
            """
        }
    }
}
