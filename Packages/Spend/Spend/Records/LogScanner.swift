import BursarFoundation
import BursarModel

/// Reads lines of Bedrock's invocation log, and the events of CloudWatch Logs that hold such lines.
///
/// It decodes the few fields that a call is counted by and skips everything else, prompts and answers among it, without
/// keeping it. A general decoder would build them all, and takes ten times as long.
package struct LogScanner {
    /// The longest line: with bodies switched on a record holds up to 100 KB of each, and escapes may multiply them.
    package static let longest = 4 << 20
    static let deepest = 128
    /// The line that Bedrock writes into a log group when logging is switched on.
    private static let permissionCheck = Array("Permissions are correctly set for Amazon Bedrock logs.".utf8)

    let bytes: UnsafeRawBufferPointer
    var position = 0
    private var fields = Fields()

    /// The fields of a record, as far as they have been met.
    private struct Fields {
        var schemaType, schemaVersion, timestamp, account, region, requestID, operation, modelID, caller: String?
        var tokens = TokenCounts.zero
        var isError = false
        /// The text between the quotes of an event's message.
        var message: Slice<UnsafeRawBufferPointer>?
        var seen: UInt32 = 0
    }

    /// Reads one line without its line end.
    ///
    /// A time before the record, which exports of CloudWatch Logs to S3 have, is skipped. An event of CloudWatch Logs, an
    /// object with a `message`, is read as the line in it.
    package static func line(_ bytes: UnsafeRawBufferPointer) -> LogLine {
        guard bytes.count <= longest else { return .quarantined(.tooLong) }
        var scanner = LogScanner(bytes)
        do throws(QuarantineReason) {
            return try scanner.line()
        } catch {
            return .quarantined(error)
        }
    }

    package static func line(_ text: String) -> LogLine {
        var text = text
        return text.withUTF8 { line(UnsafeRawBufferPointer($0)) }
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private mutating func line() throws(QuarantineReason) -> LogLine {
        skipBlanks()
        if position == bytes.count { return .ignored }
        skipExportTime()
        if isPermissionCheck() { return .ignored }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { throw .notJSON }
        try record()
        skipBlanks()
        guard position == bytes.count else { throw .notJSON }
        if fields.schemaType == nil, let message = fields.message { return try Self.message(message) }
        return .call(try call())
    }

    /// Reads the line in an event, which is no event itself.
    private static func message(_ quoted: Slice<UnsafeRawBufferPointer>) throws(QuarantineReason) -> LogLine {
        var text = try unescaped(quoted)
        let line = text.withUTF8 { bytes -> Result<LogLine, QuarantineReason> in
            var scanner = LogScanner(UnsafeRawBufferPointer(bytes))
            // A message within a message is none of AWS's.
            scanner.fields.seen = 1 << 17
            do throws(QuarantineReason) {
                return .success(try scanner.line())
            } catch {
                return .failure(error)
            }
        }
        return try line.get()
    }

    private var isAtDigit: Bool { position < bytes.count && Self.isDigit(bytes[position]) }

    private var isAtQuote: Bool { position < bytes.count && bytes[position] == UInt8(ascii: "\"") }

    private func isPermissionCheck() -> Bool {
        var end = bytes.count
        while end > position, Self.isBlank(bytes[end - 1]) { end -= 1 }
        return bytes[position..<end].elementsEqual(Self.permissionCheck)
    }

    /// Skips `2026-11-02T10:00:01.000Z ` before a record.
    private mutating func skipExportTime() {
        let start = bytes[position..<min(bytes.count, position + 40)]
        guard Self.isDigit(bytes[position]), let blank = start.firstIndex(of: 0x20) else { return }
        guard start[..<blank].contains(UInt8(ascii: "T")) else { return }
        position = blank
        skipBlanks()
    }

    private func call() throws(QuarantineReason) -> LoggedCall {
        guard fields.schemaType == "ModelInvocationLog", fields.schemaVersion == "1.0" else { throw .otherSchema }
        guard let timestamp = fields.timestamp, let account = fields.account, let region = fields.region,
            let requestID = fields.requestID, let modelID = fields.modelID,
            !requestID.isEmpty, !modelID.isEmpty, !region.isEmpty
        else { throw .missingField }
        guard let time = Self.time(timestamp) else { throw .badTime }
        return LoggedCall(
            time: time,
            account: account,
            region: region,
            requestID: requestID,
            operation: fields.operation ?? "",
            modelID: modelID,
            caller: fields.caller,
            tokens: fields.tokens,
            isError: fields.isError
        )
    }

    /// Reads `2026-11-02T10:00:01Z`, with or without milliseconds, quickly; other forms of RFC 3339 as everywhere else.
    ///
    /// - Returns: UTC milliseconds since 1970; nil if there is no such time.
    private static func time(_ text: String) -> Int64? {
        var text = text
        let usual = text.withUTF8 { bytes -> Int64?? in
            isUsualTime(bytes) ? .some(usualTime(bytes)) : nil
        }
        if let usual { return usual }
        return Timestamp.date(text).map { Int64(($0.timeIntervalSince1970 * 1000).rounded(.down)) }
    }

    private static func isUsualTime(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count == 20 || bytes.count == 24 && bytes[19] == UInt8(ascii: ".") else { return false }
        return bytes[4] == UInt8(ascii: "-") && bytes[7] == UInt8(ascii: "-") && bytes[10] == UInt8(ascii: "T")
            && bytes[13] == UInt8(ascii: ":") && bytes[16] == UInt8(ascii: ":")
            && bytes[bytes.count - 1] == UInt8(ascii: "Z")
    }

    private static func usualTime(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard isDigit(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let fraction = bytes.count == 24 ? number(20..<23) : 0,
            (1970...9999).contains(year), (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60
        else { return nil }
        let days = UTCMonth(number: year * 12 + month - 1).days
        let number = days.lowerBound.number + day - 1
        guard number <= days.upperBound.number else { return nil }
        return ((number * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction
    }
}

// MARK: The record's objects

extension LogScanner {
    private mutating func record() throws(QuarantineReason) {
        try object { (scanner: inout LogScanner, key: Name) throws(QuarantineReason) in
            switch key {
            // That of an event is a number.
            case "timestamp" where scanner.isAtDigit:
                try scanner.once(0)
                try scanner.skipValue()
            case "timestamp": scanner.fields.timestamp = try scanner.text(once: 0)
            case "accountId": scanner.fields.account = try scanner.text(once: 1)
            case "region": scanner.fields.region = try scanner.text(once: 2)
            case "requestId": scanner.fields.requestID = try scanner.text(once: 3)
            case "operation": scanner.fields.operation = try scanner.text(once: 4)
            case "modelId": scanner.fields.modelID = try scanner.text(once: 5)
            case "schemaType": scanner.fields.schemaType = try scanner.text(once: 6)
            case "schemaVersion": scanner.fields.schemaVersion = try scanner.text(once: 7)
            case "identity":
                try scanner.once(8)
                try scanner.identity()
            case "input":
                try scanner.once(9)
                try scanner.input()
            case "output":
                try scanner.once(10)
                try scanner.output()
            case "message" where scanner.isAtQuote:
                try scanner.once(17)
                scanner.fields.message = try scanner.quotedBytes()
            case "errorCode":
                try scanner.once(11)
                scanner.fields.isError = try !scanner.skipsNull()
                if scanner.fields.isError { try scanner.skipValue() }
            default: try scanner.skipValue()
            }
        }
    }

    private mutating func identity() throws(QuarantineReason) {
        if try skipsNull() { return }
        try object { (scanner: inout LogScanner, key: Name) throws(QuarantineReason) in
            switch key {
            case "arn": scanner.fields.caller = try scanner.text(once: 12)
            default: try scanner.skipValue()
            }
        }
    }

    private mutating func input() throws(QuarantineReason) {
        if try skipsNull() { return }
        try object { (scanner: inout LogScanner, key: Name) throws(QuarantineReason) in
            switch key {
            case "inputTokenCount": scanner.fields.tokens.input = try scanner.count(once: 13)
            case "cacheReadInputTokenCount": scanner.fields.tokens.cacheRead = try scanner.count(once: 14)
            case "cacheWriteInputTokenCount": scanner.fields.tokens.cacheWrite = try scanner.count(once: 15)
            default: try scanner.skipValue()
            }
        }
    }

    private mutating func output() throws(QuarantineReason) {
        if try skipsNull() { return }
        try object { (scanner: inout LogScanner, key: Name) throws(QuarantineReason) in
            switch key {
            case "outputTokenCount": scanner.fields.tokens.output = try scanner.count(once: 16)
            default: try scanner.skipValue()
            }
        }
    }

    /// Readers of JSON differ in which of two equal names wins; neither does here.
    private mutating func once(_ bit: UInt32) throws(QuarantineReason) {
        guard fields.seen & 1 << bit == 0 else { throw .notJSON }
        fields.seen |= 1 << bit
    }

    private mutating func text(once bit: UInt32) throws(QuarantineReason) -> String? {
        try once(bit)
        if try skipsNull() { return nil }
        guard position < bytes.count else { throw .notJSON }
        guard bytes[position] == UInt8(ascii: "\"") else { throw .missingField }
        return try string()
    }

    private mutating func count(once bit: UInt32) throws(QuarantineReason) -> Int64 {
        try once(bit)
        if try skipsNull() { return 0 }
        let start = position
        try skipValue()
        let digits = bytes[start..<position]
        guard digits.count <= 16, digits.allSatisfy(Self.isDigit) else { throw .badCount }
        let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        guard value < 1 << 53 else { throw .badCount }
        return value
    }
}
