import Storage

extension StoreError {
    /// Maps an error of the connection or the server; `name` is the address without a secret.
    init(_ error: PostgresError, name: String) {
        switch error {
        case .libraryMissing, .password, .noPassword, .unreachable, .untrusted, .authentication, .unsuitable,
            .tooManyConnections, .busy, .lost, .readOnly:
            self = .unreachable(path: name, cause: error.description)
        case .missingDatabase: self = .missing(path: name)
        case .full: self = .full
        case .locked: self = .locked
        case .notPermitted(let detail): self = .denied(path: name, cause: detail)
        case .unsure(let detail): self = .unsure(cause: detail)
        case .discontinued(let known, let found): self = .discontinued(path: name, known: known, found: found)
        case .conflict, .failed, .unreadable: self = .unavailable(cause: error.description)
        }
    }
}
