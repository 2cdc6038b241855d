/// The head of a request to a local endpoint, as it came.
struct LocalRequest: Sendable {
    let method: String
    /// Path and query, byte for byte.
    let target: String
    let headers: [(name: String, value: String)]

    /// Every value of a header, its name compared without case.
    func values(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name }.map(\.value)
    }

    /// What is before the first `?`.
    var path: Substring { target.prefix { $0 != "?" } }
}
