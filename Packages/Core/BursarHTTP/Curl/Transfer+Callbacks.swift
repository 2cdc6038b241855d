import CCurl

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
