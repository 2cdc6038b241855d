import BursarFoundation
import CCurl

/// One libcurl transfer handle, freed with its header list; it stays on one thread.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?

    init() throws(TransportError) {
        guard let pointer = ccurl_easy_init() else { throw TransportError(CURLE_OUT_OF_MEMORY) }
        self.pointer = pointer
    }

    deinit {
        ccurl_easy_cleanup(pointer)
        ccurl_list_free(headers)
    }

    /// The status of the response; 0 when there is none.
    var status: Int {
        var status = 0
        return ccurl_easy_status(pointer, &status) == CURLE_OK ? status : 0
    }

    /// A proxy's status for CONNECT; 0 if there is none.
    var tunnelStatus: Int {
        var status = 0
        return ccurl_easy_tunnel_status(pointer, &status) == CURLE_OK ? status : 0
    }

    /// True if the request's head has been sent.
    var hasSentHead: Bool { ccurl_easy_has_reached(pointer, CURLINFO_PRETRANSFER_TIME) }

    /// The step that an unfinished connection has reached.
    var connectStep: TransportError.ConnectStep {
        ccurl_easy_has_reached(pointer, CURLINFO_NAMELOOKUP_TIME) ? .connection : .lookup
    }

    func set(_ option: CURLoption, _ number: Int) throws(TransportError) {
        try check(ccurl_easy_set_long(pointer, option, number))
    }

    /// Sets a copy of `text`; nil takes libcurl's own default away.
    func set(_ option: CURLoption, _ text: String?) throws(TransportError) {
        try check(ccurl_easy_set_text(pointer, option, text))
    }

    /// Sets a copy of `body`, to be sent with its length, which may be 0.
    func setBody(_ body: Data?) throws(TransportError) {
        let body = body ?? Data()
        try check(body.withUnsafeBytes { ccurl_easy_set_body(pointer, $0.baseAddress, $0.count) })
    }

    func setHeaders(_ lines: [String]) throws(TransportError) {
        for line in lines {
            guard let list = ccurl_list_append(headers, line) else { throw TransportError(CURLE_OUT_OF_MEMORY) }
            headers = list
        }
        try check(ccurl_easy_set_headers(pointer, headers))
    }

    /// A setting that libcurl doesn't take ends the transfer: each of them is there to keep something out.
    func check(_ code: CURLcode) throws(TransportError) {
        guard code == CURLE_OK else { throw TransportError(code) }
    }
}

extension EasyHandle {
    /// Sets everything that a request and our rules ask of libcurl.
    ///
    /// Left at libcurl's defaults, which are what we want: no redirect is followed, no cookie kept, no `.netrc` read,
    /// no content decoding asked for, HTTP/2 over TLS where the peer offers it (from 7.62 on).
    func configure(
        for order: QueuedTransfer,
        through proxy: ProxySettings?,
        trusting bundle: String?
    ) throws(TransportError) {
        let request = order.request
        try set(CURLOPT_NOSIGNAL, 1)
        ccurl_easy_abandon_lookups(pointer)
        try check(ccurl_easy_set_protocols(pointer))
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // Said in any case, so that libcurl doesn't read the environment itself; an empty name is no proxy.
        try set(CURLOPT_PROXY, proxy?.value ?? "")
        try set(CURLOPT_NOPROXY, "")
        try trust(bundle)
        try limit(order)
        if order.isStream { try prepareToStream() }
        try send(request, streamed: order.body)
    }

    private func trust(_ bundle: String?) throws(TransportError) {
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        guard let bundle else { return }
        try set(CURLOPT_CAINFO, bundle)
        try set(CURLOPT_CAPATH, nil)
        // A proxy that speaks TLS itself is one of the institution's, as the bundle is.
        try set(CURLOPT_PROXY_CAINFO, bundle)
        try set(CURLOPT_PROXY_CAPATH, nil)
    }

    private func limit(_ order: QueuedTransfer) throws(TransportError) {
        try set(CURLOPT_CONNECTTIMEOUT_MS, order.limits.connect.milliseconds)
        guard let deadline = order.deadline else { return }
        try set(CURLOPT_TIMEOUT_MS, ContinuousClock.now.duration(to: deadline).milliseconds)
    }

    /// Over HTTP/2 a paused stream would be buffered, up to 32 MiB of it, and cancelling would not close the
    /// connection.
    private func prepareToStream() throws(TransportError) {
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // Gateways forget a connection that is silent for minutes, as one is while a model thinks.
        try set(CURLOPT_TCP_KEEPALIVE, 1)
    }

    private func send(_ request: HTTPClientRequest, streamed: BodyQueue?) throws(TransportError) {
        if request.method != .get || request.body != nil || streamed != nil {
            if streamed == nil { try setBody(request.body) }
            try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        var lines = request.headers.map { name, value in
            // libcurl drops a header without a value unless it ends in a semicolon.
            value.allSatisfy { $0 == " " || $0 == "\t" } ? "\(name);" : "\(name): \(value)"
        }
        // Nothing is sent that the caller didn't ask for, and no body waits for the peer's leave.
        for name in ["Content-Type", "Expect"] where !request.hasHeader(name) {
            lines.append("\(name):")
        }
        // Versions before 7.66 would send a body of unknown length without a word on where it ends.
        if let streamed, streamed.length == nil { lines.append("Transfer-Encoding: chunked") }
        if !request.hasHeader("User-Agent") { lines.append("User-Agent: bursar/1") }
        try setHeaders(lines)
    }
}

extension HTTPClientRequest {
    fileprivate func hasHeader(_ name: String) -> Bool {
        headers.contains { $0.name.lowercased() == name.lowercased() }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up: never 0, which libcurl reads as no limit, nor more than it can hold.
    var milliseconds: Int {
        guard self > .zero else { return 1 }
        guard self < .seconds(1_000_000) else { return 1_000_000_000 }
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
