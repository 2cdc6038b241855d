/// An answer whose head is there, and whose body comes as it is read.
///
/// The transfer ends when this value and its body are let go.
package struct StreamedResponse: Sendable {
    package let status: Int
    /// As received, final response only, in order; what they say of the body's coding still holds for its bytes.
    package let headers: [(name: String, value: String)]
    package let body: StreamedBody

    /// The first value of a header, its name compared without case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension StreamedResponse: CustomStringConvertible, CustomReflectable {
    package var description: String { "response \(status), streamed" }
    package var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
