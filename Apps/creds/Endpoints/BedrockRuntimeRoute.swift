import BursarModel

/// Says which requests are Bedrock runtime's: nothing else is sent on with a researcher's token.
enum BedrockRuntimeRoute {
    /// As botocore 1.43 has them: `/model/ID/…`, `/guardrail/ID/version/N/apply`, `/async-invoke[/ARN]`.
    private static let roots = ["model", "guardrail", "async-invoke"]

    /// Whether `target`, path and query as they came, means the same to whoever reads it, and is one of these.
    ///
    /// A model's ARN stands in one segment with its slashes escaped, so escapes are taken; but no segment may be empty or
    /// dots, as it is or after its escapes are undone, nor have an escape left then.
    static func accepts(_ target: String) -> Bool {
        guard target.utf8.count <= 8192, target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 }) else {
            return false
        }
        let path = target.prefix { $0 != "?" }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count > 1, segments[0].isEmpty, roots.contains(String(segments[1])) else { return false }
        guard segments.count > 2 || segments[1] == "async-invoke" else { return false }
        return segments.dropFirst().allSatisfy { segment in
            guard let plain = unescaped(segment) else { return false }
            return plain.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
        }
    }

    /// nil for what is malformed, or holds what no name in AWS does: a control character, `%`, `\`, or no ASCII.
    private static func unescaped(_ segment: Substring) -> [UInt8]? {
        var plain: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ $0.isASCIILetterOrDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            plain.append(value)
            rest = rest.dropFirst(2)
        }
        let isPlain = plain.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "%") && $0 != 0x5C }
        return isPlain ? plain : nil
    }
}
