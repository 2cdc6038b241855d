import BursarModel
import Vending

/// Networks that have a row of their own already on a day, so that each commit needn't ask again.
///
/// Only what was committed may be remembered: a row never goes once it is there.
struct KnownNetworks: Sendable {
    private static let limit = 20_000

    private var day: UTCDay?
    private var places: Set<VendTally.Place> = []

    /// Forgets those of another day.
    mutating func begin(_ day: UTCDay) {
        guard self.day != day else { return }
        self.day = day
        places = []
    }

    func contains(_ place: VendTally.Place) -> Bool { places.contains(place) }

    mutating func insert(_ place: VendTally.Place) {
        if places.count < Self.limit { places.insert(place) }
    }
}
