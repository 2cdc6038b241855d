/// Text from a server or a file, made safe to print: it can't move a cursor, set a colour or reverse a line.
package enum ControlText {
    /// `text` with each control or direction character written out, as `\u{1B}`; the rest stays as it is.
    package static func visible(_ text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return String(text) }
        var result = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                result += #"\u{\#(String(scalar.value, radix: 16, uppercase: true))}"#
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// C0, DEL, C1, line separators, and what changes the direction of text or hides in it.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F, 0xFEFF, 0xE0000...0xE007F:
            true
        default:
            false
        }
    }
}
