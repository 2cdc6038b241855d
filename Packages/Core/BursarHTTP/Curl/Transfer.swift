import CCurl

/// One transfer inside libcurl, from its options to its outcome; made, driven and freed on the transfer thread.
final class Transfer {
    let order: QueuedTransfer
    let easy: EasyHandle
    private let proxy: ProxySettings?
    private var head = HeadCollector()
    private var hasAnswer = false
    /// True if bytes came without a head, which libraries before 7.66 read as a response of HTTP/0.9.
    private var isHeadless = false
    private var uploaded: curl_off_t = 0
    /// The time of the last byte in either direction; nil until there is a connection, which has a time limit of its
    /// own.
    private var lastByte: ContinuousClock.Instant?
    private var pause = Backpressure()

    init(_ order: QueuedTransfer, settings: NetworkSettings) throws(TransportError) {
        self.order = order
        proxy = try settings.proxy(for: order.request)
        easy = try EasyHandle()
        try easy.configure(for: order, through: proxy, trusting: settings.bundle)
        try observe()
    }

    /// The time of the next check, independent of libcurl's timers.
    var nextLook: ContinuousClock.Instant? {
        [stallDeadline, hasAnswer ? pause.nextLook : nil].compactMap(\.self).min()
    }

    /// The time from which the peer has been silent for too long; nil while the peer waits for this side.
    private var stallDeadline: ContinuousClock.Instant? {
        guard let lastByte, !waitsForUs else { return nil }
        let isThinking = !hasAnswer && order.body?.isGone ?? true
        return lastByte.advanced(by: isThinking ? order.limits.response : order.limits.stall)
    }

    private var waitsForUs: Bool {
        pause.holds(CURLPAUSE_RECV) || (pause.holds(CURLPAUSE_SEND) && order.body?.isClosed == false)
    }

    /// The error that ends the transfer before libcurl does; nil while it may continue.
    func reasonToEnd(at now: ContinuousClock.Instant) -> (any Error)? {
        if let reason = order.reasonToEnd(at: now) {
            return reason as? TransportError == .timedOut ? fault(CURLE_OPERATION_TIMEDOUT) : reason
        }
        guard let stallDeadline, stallDeadline <= now else { return nil }
        return TransportError.timedOut
    }

    /// Lets go on what was paused for want of room or of bytes; how it went is libcurl's to tell.
    func resume(at now: ContinuousClock.Instant) {
        guard pause.directions != CURLPAUSE_CONT else { return }
        let isDue = hasAnswer && pause.isDue(at: now)
        var directions = pause.directions
        if order.sink.hasRoom { directions &= ~CURLPAUSE_RECV }
        if order.body?.hasSupply == true || isDue { directions &= ~CURLPAUSE_SEND }
        guard directions != pause.directions else { return }
        if waitsForUs { lastByte = now }
        pause.directions = directions
        _ = ccurl_easy_pause(easy.pointer, directions)
    }

    /// The transfer's outcome for libcurl's result.
    func outcome(_ code: CURLcode) -> Result<Void, any Error> {
        if head.isTooLarge { return .failure(TransportError.tooLarge) }
        if isHeadless { return .failure(TransportError.notHTTP(detail: "there is no head")) }
        guard code == CURLE_OK else { return .failure(fault(code)) }
        return hasAnswer ? .success(()) : .failure(fault(CURLE_GOT_NOTHING))
    }

    /// The error for a libcurl result at this point of the transfer.
    private func fault(_ code: CURLcode) -> TransportError {
        let tunnelStatus = easy.tunnelStatus
        if let proxy, tunnelStatus != 0, !(200..<300).contains(tunnelStatus) {
            return .proxyRefused(status: tunnelStatus, proxy: proxy.name)
        }
        let isConnected = lastByte != nil
        // Until its tunnel is there, a proxy is all that we talk to.
        let isProxys = proxy != nil && tunnelStatus == 0 && !isConnected
        let peer = proxy.map { isProxys ? TransportError.Peer.proxy($0.name) : .server } ?? .server
        if code == CURLE_OPERATION_TIMEDOUT, !isConnected { return .connectTimedOut(easy.connectStep, peer: peer) }
        return TransportError(code, proxy: proxy?.name, peer: peer)
    }
}

// MARK: - What libcurl calls

extension Transfer {
    /// Returns how many bytes were taken: fewer than there are ends the transfer.
    func receiveHeadLine(_ bytes: UnsafeRawBufferPointer) -> Int {
        noteByte()
        guard head.add(bytes) else { return -1 }
        if head.isComplete, !hasAnswer, easy.status >= 200 {
            hasAnswer = true
            // libcurl stops sending then, and so do we: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14.
            if easy.status >= 300 { order.body?.close() }
            order.sink.begin(status: easy.status, headers: head.headers)
        }
        return bytes.count
    }

    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        noteByte()
        guard hasAnswer else {
            isHeadless = true
            return -1
        }
        switch order.sink.take(bytes) {
        case .taken: return bytes.count
        case .refused: return -1
        case .full:
            pause.begin(CURLPAUSE_RECV, at: .now)
            return Int(CURL_WRITEFUNC_PAUSE)
        }
    }

    func supplyBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
        guard let body = order.body else { return Int(CURL_READFUNC_ABORT) }
        switch body.take(into: room) {
        case .bytes(let count): return count
        case .end: return 0
        case .dry:
            pause.begin(CURLPAUSE_SEND, at: .now)
            return Int(CURL_READFUNC_PAUSE)
        }
    }

    func noteConnected() {
        lastByte = .now
    }

    func noteProgress(uploaded total: curl_off_t) {
        // Libraries before 7.80 don't say that there is a connection.
        if lastByte == nil, easy.hasSentHead { lastByte = .now }
        guard total != uploaded else { return }
        uploaded = total
        lastByte = .now
    }

    private func noteByte() {
        lastByte = .now
        pause.noteReceived()
    }
}

extension Transfer {
    /// Has libcurl call this object; it outlives the handle's last callback, since it owns the handle.
    func observe() throws(TransportError) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        try easy.check(
            ccurl_easy_set_receivers(
                easy.pointer,
                { bytes, size, count, context in
                    Transfer.at(context).receiveHeadLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
                },
                { bytes, size, count, context in
                    Transfer.at(context).receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
                },
                this
            )
        )
        try easy.check(
            ccurl_easy_set_observers(
                easy.pointer,
                { context, _, _, _, _ in
                    Transfer.at(context).noteConnected()
                    return CURL_PREREQFUNC_OK
                },
                { context, _, _, _, uploaded in
                    Transfer.at(context).noteProgress(uploaded: uploaded)
                    return 0
                },
                this
            )
        )
        guard let body = order.body else { return }
        try easy.check(
            ccurl_easy_set_source(
                easy.pointer,
                curl_off_t(body.length ?? -1),
                { room, size, count, context in
                    Transfer.at(context).supplyBody(UnsafeMutableRawBufferPointer(start: room, count: size * count))
                },
                this
            )
        )
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer {
        guard let context else { preconditionFailure("libcurl lost the transfer") }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }
}
