import Spend
import Testing

struct LogReaderTests {
    private static let lines = [
        #"{"timestamp":"2026-11-02T10:00:01Z","accountId":"1","region":"r","requestId":"a","modelId":"m","schemaType":"ModelInvocationLog","schemaVersion":"1.0"}"#,
        "", "not a record", "Permissions are correctly set for Amazon Bedrock logs.\r",
        #"{"timestamp":"2026-11-02T10:00:02Z","accountId":"1","region":"r","requestId":"b","modelId":"m","schemaType":"ModelInvocationLog","schemaVersion":"1.0"}"#,
    ]

    private func read(_ text: String, by size: Int) -> (lines: [LogLine], texts: [String], number: Int) {
        var reader = LogReader()
        var (lines, texts): ([LogLine], [String]) = ([], [])
        let take = { (line: LogLine, bytes: UnsafeRawBufferPointer) in
            lines.append(line)
            texts.append(String(decoding: bytes, as: UTF8.self))
        }
        Array(text.utf8).withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)]), take)
            }
        }
        reader.finish(take)
        return (lines, texts, reader.number)
    }

    @Test(arguments: [1, 2, 7, 64, 1 << 16], ["", "\n"])
    func `A log is read the same in chunks of any size, with or without a last line end`(size: Int, end: String) {
        let (lines, texts, number) = read(Self.lines.joined(separator: "\n") + end, by: size)
        #expect(texts == Self.lines)
        #expect(lines.map { if case .call = $0 { true } else { false } } == [true, false, false, false, true])
        #expect(lines[1...3] == [.ignored, .quarantined(.notJSON), .ignored])
        #expect(number == 5)
    }

    @Test
    func `A line longer than any record is passed over in bounded memory, and the next one is read`() {
        let long = String(repeating: "x", count: LogScanner.longest + 10)
        let (lines, texts, _) = read(long + "\n" + Self.lines[0] + "\n" + long, by: 1 << 16)
        #expect(lines[0] == .quarantined(.tooLong))
        #expect(lines[2] == .quarantined(.tooLong))
        #expect(texts[1] == Self.lines[0])
        #expect(texts[0].utf8.count <= LogScanner.longest)
    }

    @Test
    func `A record's key is its hour and its account, region and request id`() throws {
        func key(_ time: Int64, _ account: String, _ region: String, _ id: String, model: String = "m") -> CallKey {
            CallKey(
                LoggedCall(
                    time: time,
                    account: account,
                    region: region,
                    requestID: id,
                    operation: "",
                    modelID: model,
                    caller: nil,
                    tokens: .zero
                )
            )
        }
        let one = key(3_600_000, "1", "r", "a")
        #expect(one.digest.count == CallKey.digestLength)
        #expect(one == key(7_199_999, "1", "r", "a", model: "other"))
        let others = [key(7_200_000, "1", "r", "a"), key(3_600_000, "1r", "", "a"), key(3_600_000, "1", "ra", "")]
        #expect(Set(others + [one]).count == 4)
    }
}
