/// What happened, as the chain holds it.
///
/// Handles, key ids and addresses only: names and secrets have no field.
struct RecordEntry: Sendable {
    enum Kind: String, Sendable {
        case vend
        case researcherAdded = "researcher_added"
        case keyIssued = "key_issued"
        case keyRevoked = "key_revoked"
    }

    let kind: Kind
    /// UTC milliseconds.
    let occurred: Int64
    var researcher: String?
    var keyID: String?
    var address: String?
    var accessKeyID: String?
    /// UTC milliseconds: when the vended credentials or the key end.
    var expires: Int64?
    var requestID: String?
}
