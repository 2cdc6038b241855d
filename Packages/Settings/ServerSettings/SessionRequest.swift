package import AWSAuth
package import BursarHTTP

/// How the server asks STS for a session, and how long that can take: whoever ends sessions waits for those on the way.
package enum SessionRequest {
    /// Helpers in the field give up after 5 s, so that they hear why there are no credentials.
    package static let limits = TransferLimits(connect: .seconds(2), total: .seconds(3), stall: .seconds(3))
    package static let retries = RetryRules(attempts: 2, longestPause: .milliseconds(300), deadline: .seconds(1))

    /// From a change's commit until no session is on its way any more that was asked for before the server knew of it.
    ///
    /// A server that hasn't looked for a second looks before it vends. Then come four transfers of 3 s: one that shows
    /// that the clock is wrong, the same again, and both once more for an hour, after STS refused the longer session. A
    /// retry after a failure begins within the first second, and takes less. The server's own credentials are not in
    /// it, which may take their time to come; a session that is asked for with those reaches nobody, since its key's
    /// row has changed when its vend is to be recorded.
    package static let longest: Duration = .seconds(1) + .seconds(3) * 4
}
