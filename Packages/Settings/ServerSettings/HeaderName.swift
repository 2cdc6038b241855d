import HTTPTypes

/// A header's name, as settings take it.
package enum HeaderName {
    /// Lower case; nil when HTTP has no such name.
    package static func lowercased(_ text: String) -> String? {
        HTTPField.Name(text).map { $0.rawName.lowercased() }
    }
}
