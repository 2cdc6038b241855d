public import BursarFoundation

/// A whole answer: transfers are small here, so bodies are collected up to ``TransferLimits/body``.
public struct HTTPClientResponse: Sendable {
    public let status: Int
    /// As received, final response only, in order.
    public let headers: [(name: String, value: String)]
    /// May hold credentials: never log it.
    public let body: Data

    public init(status: Int, headers: [(name: String, value: String)], body: Data) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, its name compared without case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension HTTPClientResponse: CustomStringConvertible, CustomReflectable {
    public var description: String { "response \(status), \(body.count) bytes" }
    public var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
