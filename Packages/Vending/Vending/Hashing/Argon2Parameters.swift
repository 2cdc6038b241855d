/// How hard a hash is to compute (RFC 9106).
package struct Argon2Parameters: Sendable, Hashable {
    package let memoryKiB: UInt32
    package let passes: UInt32
    package let lanes: UInt32

    /// OWASP's minimum for argon2id.
    package static let standard = Self(memoryKiB: 19_456, passes: 2, lanes: 1)
    /// What a stored hash may ask of the server.
    package static let accepted = Bounds(memoryKiB: 8...65_536, passes: 1...10, lanes: 1...4)

    package init(memoryKiB: UInt32, passes: UInt32, lanes: UInt32) {
        self.memoryKiB = memoryKiB
        self.passes = passes
        self.lanes = lanes
    }

    /// `m=19456,t=2,p=1`; nil when anything else.
    init?(phcField: Substring) {
        let fields = phcField.split(separator: ",")
        guard fields.count == 3,
            fields[0].hasPrefix("m="), let memoryKiB = UInt32(fields[0].dropFirst(2)),
            fields[1].hasPrefix("t="), let passes = UInt32(fields[1].dropFirst(2)),
            fields[2].hasPrefix("p="), let lanes = UInt32(fields[2].dropFirst(2))
        else { return nil }
        self.init(memoryKiB: memoryKiB, passes: passes, lanes: lanes)
    }

    /// A range for each parameter.
    package struct Bounds: Sendable {
        let memoryKiB: ClosedRange<UInt32>
        let passes: ClosedRange<UInt32>
        let lanes: ClosedRange<UInt32>

        func contains(_ parameters: Argon2Parameters) -> Bool {
            memoryKiB.contains(parameters.memoryKiB) && passes.contains(parameters.passes)
                && lanes.contains(parameters.lanes)
        }
    }
}
