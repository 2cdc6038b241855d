package import BursarConsole
package import BursarHTTP
package import BursarModel

/// What holds for keys when they are issued, and where researchers use them.
package struct KeyRules: Equatable, Sendable {
    /// From a key's issue to its end, at most.
    package var maximumLife: TimeSpan
    /// nil when nobody said.
    package var publicURL: ServerURL?

    package init(_ reader: SettingReader) throws(UserFacingError) {
        let year = TimeSpan(seconds: 366 * 86_400)
        maximumLife = try reader.value(.maximumKeyLife, or: year, expecting: "a length of time such as 366d") { text in
            // A bare 366 would be six minutes, so the unit is always written.
            guard text.last?.isLetter == true, let span = TimeSpan(text), span.seconds > 0 else { return nil }
            return span
        }
        let form = "an https:// address such as https://bursar.example.edu"
        publicURL = try reader.value(.publicURL, expecting: form) { try? ServerURL(parsing: $0) }
    }
}
