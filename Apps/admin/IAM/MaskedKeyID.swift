/// An access key's id as it is shown wherever the key itself isn't: its first twelve characters.
struct MaskedKeyID: CustomStringConvertible {
    static let shown = 12
    let description: String

    init(_ id: String) {
        description = id.prefix(Self.shown) + "…"
    }
}
