import BursarModel
import Vending

/// What one commit's vends add to the roll-ups.
struct VendTally {
    /// What vends are counted by.
    struct Place: Hashable, Sendable {
        let key: KeyID
        let network: CIDRBlock
    }

    /// One key's share.
    struct Share {
        var count = 0
        /// The number of the last record.
        var sequence: Int64 = 0
        /// UTC milliseconds: when the last of the credentials ends.
        var liveUntil: Int64 = 0
    }

    private(set) var shares: [KeyID: Share] = [:]
    private(set) var places: [Place: Int] = [:]
    /// Vends of researchers, without those of a self-test.
    private(set) var total = 0

    mutating func add(_ vend: Vend, sequence: Int64) {
        var share = shares[vend.key.id] ?? Share()
        share.count += 1
        share.sequence = sequence
        share.liveUntil = max(share.liveUntil, vend.expiration.milliseconds)
        shares[vend.key.id] = share
        places[Place(key: vend.key.id, network: vend.address.reportedNetwork), default: 0] += 1
        if !vend.key.owner.isSelftest { total += 1 }
    }
}
