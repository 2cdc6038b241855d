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

    /// The status of the answer; 0 when there is none.
    var status: Int {
        var status = 0
        return ccurl_easy_status(pointer, &status) == CURLE_OK ? status : 0
    }

    /// What a proxy answered to CONNECT; 0 when none did.
    var tunnelStatus: Int {
        var status = 0
        return ccurl_easy_tunnel_status(pointer, &status) == CURLE_OK ? status : 0
    }

    /// Whether the request's head has gone out.
    var hasSentHead: Bool { ccurl_easy_has_reached(pointer, CURLINFO_PRETRANSFER_TIME) }

    /// How far the connection has come that isn't there yet.
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
