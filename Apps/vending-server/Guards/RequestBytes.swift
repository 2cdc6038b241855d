import NIOCore

/// Tracks the bytes of requests right before they are parsed.
///
/// The parser does not expose the part of an incomplete head, nor the place where it found invalid HTTP. This handler
/// knows both: whether the bytes so far end where a request ends, and how the current request begins.
final class RequestBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let deadline: RequestDeadline
    /// The last four bytes received.
    private var last = RequestBytes.headEnd
    /// The bytes being parsed.
    private var current: ByteBuffer?
    /// The number of requests completed within ``current``.
    private var wholes = 0
    /// The start of the current request, where it was received before ``current``.
    private var beginning: [UInt8] = []
    private var isDeaf = false

    private static let headEnd: UInt32 = 0x0D0A_0D0A
    /// Longer than any method.
    private static let startLength = 32

    init(deadline: RequestDeadline) {
        self.deadline = deadline
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        let bytes = unwrapInboundIn(data)
        current = bytes
        if bytes.readableBytes >= 4, let end = bytes.getInteger(at: bytes.writerIndex - 4, as: UInt32.self) {
            last = end
        } else {
            for byte in bytes.readableBytesView { last = last << 8 | UInt32(byte) }
        }
        context.fireChannelRead(data)
        // A request with a body, which may end in other bytes, is its connection's last: later input is ignored.
        if last == Self.headEnd || isDeaf {
            beginning = []
        } else {
            beginning = start
            deadline.requestHasBegun()
        }
        current = nil
        wholes = 0
    }

    /// Reports that a request without a body has been parsed to its end.
    func requestIsWhole() {
        wholes += 1
    }

    /// Discards all further input.
    func stop() {
        isDeaf = true
    }

    /// True if the current request is HEAD, whose response has no body even when it is an error.
    var asksForHead: Bool { start.starts(with: Array("HEAD ".utf8)) }

    /// True if the current request begins as requests do: with a token (RFC 9110, section 9.1) and a blank.
    var beginsWithMethod: Bool {
        let start = start
        guard let end = start.firstIndex(where: { !Self.isTokenCharacter($0) }) else { return !start.isEmpty }
        return end > 0 && start[end] == UInt8(ascii: " ")
    }

    private var start: [UInt8] {
        guard var rest = current?.readableBytesView[...] else { return beginning }
        for _ in 0..<wholes {
            rest = rest.drop(while: Self.isLineEnd)
            guard let end = Self.headEnd(in: rest) else { return [] }
            rest = rest[end...]
        }
        let earlier = wholes == 0 ? beginning : []
        let start = earlier + rest.prefix(Self.startLength)
        return Array(start.drop(while: Self.isLineEnd).prefix(Self.startLength))
    }

    private static func headEnd(in bytes: ByteBufferView) -> Int? {
        var last: UInt32 = 0
        for index in bytes.indices {
            last = last << 8 | UInt32(bytes[index])
            if last == headEnd { return index + 1 }
        }
        return nil
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
