package import BursarFoundation
import BursarHTTP

/// The bounds of AWS's clock minus this machine's: `Date` headers have whole seconds, and the moment at which a
/// response was written between request and arrival is unknown.
package struct ClockSkewEstimate: Sendable, Equatable {
    /// In seconds; negative when AWS's clock is behind.
    package let ahead: ClosedRange<TimeInterval>

    package init(ahead: ClosedRange<TimeInterval>) {
        self.ahead = ahead
    }

    /// The bounds for two clocks that NTP keeps, if AWS couldn't be asked.
    package static let unasked = ClockSkewEstimate(ahead: -5...5)

    /// The first whole second of AWS's that surely lies after `local`: what AWS issued until then was issued before it.
    package func cutoff(after local: Date) -> Date {
        Date(timeIntervalSince1970: (local.timeIntervalSince1970 + ahead.upperBound).rounded(.down) + 1)
    }

    /// The first local moment at which AWS's clock has surely come to `cutoff`: what is asked for from then on is
    /// issued at that second or later.
    package func local(from cutoff: Date) -> Date {
        cutoff.addingTimeInterval(-ahead.lowerBound)
    }

    /// The other way round: the last whole second of AWS's that has surely come by `local`.
    package func cutoff(reachedBy local: Date) -> Date {
        // A stored date has whole milliseconds, and must not fall below the second that it was made from.
        Date(timeIntervalSince1970: (local.timeIntervalSince1970 + ahead.lowerBound + 0.002).rounded(.down))
    }
}

extension STSClient {
    /// Compares this machine's clock with AWS's, by the `Date` of a response.
    ///
    /// - Returns: the caller too, since the call is GetCallerIdentity.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func compareClocks() async throws -> (ClockSkewEstimate, CallerIdentity) {
        let form = QueryForm(action: "GetCallerIdentity", version: Self.version)
        let call = AWSRequest("GetCallerIdentity", form: form)
        let sent = client.clientContext.now()
        let response = try await client.send(call)
        let received = client.clientContext.now()
        let result = try QueryResponse(response, operation: call.operation, service: .sts)
        guard let date = response.header("date").flatMap({ HTTPDate.date($0) }) else { throw result.malformed("Date") }
        let least = date.timeIntervalSince(received)
        // A clock that was set meanwhile mustn't make a range that ends before it begins.
        let most = max(least, date.timeIntervalSince(sent) + 1)
        return (ClockSkewEstimate(ahead: least...most), try CallerIdentity(result))
    }
}
