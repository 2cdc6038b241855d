import BursarHTTP
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The body that the peer floods with, and that goes up: its bytes tell where they belong.
enum Pattern {
    private static let period = 251
    private static let bytes = (0..<period * 4096).map { UInt8($0 % period) }

    /// Returns true if `piece` is the content at `offset`.
    static func holds(_ piece: [UInt8], at offset: Int) -> Bool {
        guard piece.count + period <= bytes.count else { return false }
        return piece.withUnsafeBytes { piece in
            bytes.withUnsafeBytes { bytes in
                guard let here = piece.baseAddress, let there = bytes.baseAddress else { return true }
                return memcmp(here, there + offset % period, piece.count) == 0
            }
        }
    }

    static func piece(at offset: Int, count: Int) -> ArraySlice<UInt8> {
        bytes[offset % period..<offset % period + count]
    }
}

extension StreamedBody {
    /// Reads to the end.
    func collected() async throws -> String {
        var all: [UInt8] = []
        for try await piece in self { all += piece }
        return String(decoding: all, as: UTF8.self)
    }
}

/// A body whose pieces are made by `next`, one for each question.
func pieces(_ next: @escaping @Sendable () async throws -> [UInt8]?) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream(unfolding: next)
}

/// A body of these pieces.
func pieces(_ all: String...) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { continuation in
        for piece in all { continuation.yield(Array(piece.utf8)) }
        continuation.finish()
    }
}

/// The peer's response at a path, as a number.
func number(_ peer: ChildServer, _ path: String, _ transport: HTTPTransport) async throws -> Int {
    let response = try await transport.send(.patient(url: peer.url(path)))
    return try #require(Int(String(decoding: response.body, as: UTF8.self)))
}

extension ChildServer {
    func url(_ path: String) -> String { url + path }

    /// Lets the paths that wait go on.
    func go(_ transport: HTTPTransport) async throws {
        _ = try await transport.send(.patient(url: url("/go")))
    }
}

/// The fault that `body` throws; nil when it throws none.
func fault(_ body: () async throws -> Void) async -> TransportError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? TransportError
    }
}

extension TransportError {
    var isBroken: Bool {
        if case .broken = self { true } else { false }
    }

    var isInvalidRequest: Bool {
        if case .invalidRequest = self { true } else { false }
    }
}
