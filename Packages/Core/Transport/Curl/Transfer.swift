import CCurl

/// One transfer inside libcurl, from its options to its outcome; made, driven and freed on the transfer thread.
final class Transfer {
    let order: TransferOrder
    let easy: EasyHandle
    private var collector: ResponseCollector
    private var uploaded: curl_off_t = 0
    /// When a byte last went either way; nil until there is a connection, whose making has a limit of its own.
    private var lastByte: ContinuousClock.Instant?

    init(_ order: TransferOrder, bundle: CertificateBundle) throws(TransportFault) {
        self.order = order
        easy = try EasyHandle()
        collector = ResponseCollector(bodyLimit: order.request.limits.body)
        try easy.configure(for: order, bundle: bundle)
        try observe()
    }

    /// When the peer has been silent for too long.
    var stallDeadline: ContinuousClock.Instant? {
        lastByte?.advanced(by: order.request.limits.stall)
    }

    /// Why the transfer has to end before libcurl ends it; nil when it may go on.
    func reasonToEnd(at now: ContinuousClock.Instant) -> (any Error)? {
        if let reason = order.reasonToEnd(at: now) { return reason }
        guard let stallDeadline, stallDeadline <= now else { return nil }
        return TransportFault.timedOut
    }

    /// What libcurl's result means for the sender.
    func outcome(_ code: CURLcode) -> Result<OutboundResponse, any Error> {
        if collector.isTooLarge { return .failure(TransportFault.tooLarge) }
        guard code == CURLE_OK else { return .failure(TransportFault(code)) }
        let status = easy.status
        guard status != 0 else { return .failure(TransportFault(CURLE_GOT_NOTHING)) }
        return .success(OutboundResponse(status: status, headers: collector.headers, body: collector.body))
    }

    /// Has libcurl call this object; it outlives the handle's last callback, since it owns the handle.
    private func observe() throws(TransportFault) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        try easy.check(
            ccurl_easy_set_receivers(
                easy.pointer,
                { bytes, size, count, context in
                    Transfer.at(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) {
                        $0.addHeaderLine($1)
                    }
                },
                { bytes, size, count, context in
                    Transfer.at(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) {
                        $0.addBody($1)
                    }
                },
                this
            )
        )
        try easy.check(
            ccurl_easy_set_observers(
                easy.pointer,
                { context, _, _, _, _ in
                    Transfer.at(context).lastByte = .now
                    return CURL_PREREQFUNC_OK
                },
                { context, _, _, _, uploaded in
                    Transfer.at(context).noteUpload(uploaded)
                    return 0
                },
                this
            )
        )
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer {
        guard let context else { preconditionFailure("libcurl lost the transfer") }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Returns how many bytes were taken: fewer than there are ends the transfer.
    private func receive(
        _ bytes: UnsafeRawBufferPointer,
        _ add: (inout ResponseCollector, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        lastByte = .now
        return add(&collector, bytes) ? bytes.count : -1
    }

    private func noteUpload(_ total: curl_off_t) {
        guard total != uploaded else { return }
        uploaded = total
        lastByte = .now
    }
}
