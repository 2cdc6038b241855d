/// One element of an AWS answer: its name, the text directly inside it, and its children in order.
struct XMLElement: Sendable, Equatable {
    let name: String
    var text = ""
    var children: [Self] = []

    /// The first child of this name.
    subscript(name: String) -> Self? {
        children.first { $0.name == name }
    }

    /// The element at the end of a path of names, each the first of its name.
    func at(_ path: String...) -> Self? {
        var element = self
        for name in path {
            guard let child = element[name] else { return nil }
            element = child
        }
        return element
    }
}
