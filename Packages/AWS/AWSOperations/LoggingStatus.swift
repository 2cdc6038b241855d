import AWSAuth
package import AWSClients
package import BursarConsole
package import BursarFoundation

/// The judgement of one region's invocation logging.
package struct RegionLoggingStatus: Sendable {
    package enum Logging: String, Sendable, Encodable {
        case on
        case off
        /// Logged, but not so that it can be read for spend.
        case unreadable
        /// AWS couldn't be asked.
        case unknown
    }

    package let region: String
    package let logging: Logging
    package let state: RegionLogging?
    package let owner: RegionLogging.Owner?
    /// The reason why it isn't ``Logging/on``.
    package let problem: UserFacingError?
    /// True if prompts and answers are logged.
    package var hasBodies: Bool { state?.configuration?.bodies.isEmpty == false }

    package init(_ state: RegionLogging, role: InvocationLogRole) {
        region = state.region
        self.state = state
        owner = state.owner(role)
        let reason = state.unreadable
        logging = reason == nil ? .on : reason == .off ? .off : .unreadable
        problem = reason?.problem(in: state.region)
    }

    /// A region that couldn't be looked at.
    package init(unknown region: String, _ problem: UserFacingError) {
        self.region = region
        logging = .unknown
        state = nil
        owner = nil
        self.problem = problem
    }
}

/// The regions that researchers may call models in, and how each is logged.
package struct LoggingCoverage: Sendable {
    package let regions: [RegionLoggingStatus]
    /// The regions that the roles allow; nil if they weren't looked up.
    package let allowed: AllowedRegions?

    package init(_ regions: [RegionLoggingStatus], allowed: AllowedRegions?) {
        self.regions = regions
        self.allowed = allowed
    }

    /// The regions whose calls the roles allow and no log that can be read has.
    package var unlogged: [String] {
        let logged = Set(regions.filter { $0.logging == .on }.map(\.region))
        guard case .named(let names) = allowed else { return regions.map(\.region).filter { !logged.contains($0) } }
        return names.subtracting(logged).sorted()
    }

    /// Everything that keeps calls from being metered.
    package var problems: [UserFacingError] {
        let needed = Set(unlogged)
        var problems = regions.compactMap { status in
            // A region that no role allows needs no log.
            needed.contains(status.region) || status.logging == .unknown || status.hasBodies ? status.problem : nil
        }
        if allowed == .anywhere {
            problems.append(
                UserFacingError(
                    "researchers may call models in any region, and calls where none are logged are not metered",
                    hint: "name regions: admin aws apply --regions, or admin policy permissions --tier region"
                )
            )
        }
        return problems
    }
}

extension InvocationLogSource {
    /// The time before now that is searched for the newest record, in seconds.
    package static let recent: TimeInterval = 900

    /// Returns the time of the newest record of the last minutes before `date`; nil if there is none.
    ///
    /// - Throws: ``UnreadableLog``, ``InvocationLogCallError``, or `CancellationError`.
    package func newestRecord(before date: Date) async throws -> Date? {
        var newest: Int64?
        for try await page in pages(in: date.addingTimeInterval(-Self.recent)..<date) {
            newest = page.map(\.time).reduce(newest) { max($0 ?? $1, $1) }
        }
        return newest.map { Date(timeIntervalSince1970: Double($0) / 1000) }
    }
}
