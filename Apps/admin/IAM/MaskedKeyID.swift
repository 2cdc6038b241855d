/// An access key's id as it is shown wherever the key itself isn't: twelve of its characters.
///
/// The last four are among them: ids of one account's keys begin alike, and two keys of one user have to be told apart.
struct MaskedKeyID: CustomStringConvertible {
    private static let first = 8
    private static let last = 4

    let description: String

    /// All of an id that isn't longer than what is shown would be no mask, so it shows its beginning alone.
    init(_ id: String) {
        let isLonger = id.count > Self.first + Self.last
        description = id.prefix(Self.first) + "…" + (isLonger ? id.suffix(Self.last) : "")
    }
}
