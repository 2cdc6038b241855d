/// Any JSON value, for lookups by path.
enum JSONTree: Decodable, Equatable {
    case object([String: JSONTree])
    case array([JSONTree])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let fields = try? container.decode([String: JSONTree].self) {
            self = .object(fields)
        } else if let items = try? container.decode([JSONTree].self) {
            self = .array(items)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .null
        }
    }

    subscript(name: String) -> JSONTree { fields[name] ?? .null }

    var fields: [String: JSONTree] {
        if case .object(let fields) = self { fields } else { [:] }
    }

    var items: [JSONTree] {
        if case .array(let items) = self { items } else { [] }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The target of `$ref` in `root`, or the value itself.
    func resolved(in root: JSONTree) -> JSONTree {
        guard let path = self["$ref"].text else { return self }
        return path.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] }
    }
}
