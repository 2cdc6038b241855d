import BursarFoundation
import CExpat

/// The reason why a body is refused as XML.
enum XMLError: Error, Equatable {
    /// Not well-formed; the line where expat stopped, from 1.
    case malformed(line: Int)
    /// A document type or processing instruction, which AWS never sends and attacks are made of.
    case forbidden
    /// More than 32 levels or 20,000 elements.
    case tooDeep
    /// libexpat isn't installed.
    case libraryMissing
}

/// Reads XML with libexpat, 2.2 or newer, into a tree of bounded depth and size, without entities.
enum XMLParser {
    static let maximumDepth = 32
    static let maximumElements = 20_000

    /// True if libexpat is installed; loads it.
    static var isAvailable: Bool { cexpat_load() != nil }
    static let remedy =
        "libexpat is not installed; install the package libexpat1 (Debian, Ubuntu, SUSE) or expat (Fedora, RHEL, Alpine, Arch)"

    static func parse(_ body: Data) throws(XMLError) -> XMLElement {
        guard let expat = cexpat_load()?.pointee else { throw .libraryMissing }
        guard let parser = expat.XML_ParserCreate(nil) else { throw .tooDeep }
        defer { expat.XML_ParserFree(parser) }
        let tree = Tree(parser: parser, stop: expat.XML_StopParser)
        expat.XML_SetUserData(parser, Unmanaged.passUnretained(tree).toOpaque())
        expat.XML_SetElementHandler(
            parser,
            { context, name, _ in Tree.of(context)?.start(name) },
            { context, _ in Tree.of(context)?.end() }
        )
        expat.XML_SetCharacterDataHandler(parser, { Tree.of($0)?.text($1, count: $2) })
        expat.XML_SetStartDoctypeDeclHandler(parser, { context, _, _, _, _ in Tree.of(context)?.stop(.forbidden) })
        expat.XML_SetProcessingInstructionHandler(parser, { context, _, _ in Tree.of(context)?.stop(.forbidden) })

        let status = body.withUnsafeBytes { bytes in
            expat.XML_Parse(
                parser,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(clamping: bytes.count),
                1
            )
        }
        if let fault = tree.fault { throw fault }
        guard status == XML_STATUS_OK, let root = tree.root else {
            throw .malformed(line: Int(expat.XML_GetCurrentLineNumber(parser)))
        }
        return root
    }

    /// The elements that are open, the innermost last.
    private final class Tree {
        private let parser: XML_Parser
        private let stopParser: @convention(c) (XML_Parser?, XML_Bool) -> XML_Status
        private var open: [XMLElement] = []
        private var count = 0
        private(set) var root: XMLElement?
        private(set) var fault: XMLError?

        init(parser: XML_Parser, stop: @escaping @convention(c) (XML_Parser?, XML_Bool) -> XML_Status) {
            self.parser = parser
            stopParser = stop
        }

        static func of(_ context: UnsafeMutableRawPointer?) -> Tree? {
            context.map { Unmanaged<Tree>.fromOpaque($0).takeUnretainedValue() }
        }

        func start(_ name: UnsafePointer<XML_Char>?) {
            count += 1
            guard let name, open.count < maximumDepth, count <= maximumElements else {
                stop(.tooDeep)
                return
            }
            open.append(XMLElement(name: String(cString: name)))
        }

        func end() {
            guard let element = open.popLast() else { return }
            if open.isEmpty {
                root = element
            } else {
                open[open.count - 1].children.append(element)
            }
        }

        func text(_ start: UnsafePointer<XML_Char>?, count: Int32) {
            guard let start, !open.isEmpty else { return }
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(count))
            open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
        }

        func stop(_ fault: XMLError) {
            if self.fault == nil { self.fault = fault }
            _ = stopParser(parser, XML_Bool(XML_FALSE))
        }
    }
}

/// One element of an XML response: its name, the text directly inside it, and its children in order.
package struct XMLElement: Sendable, Equatable {
    package let name: String
    package var text = ""
    package var children: [Self] = []

    /// The first child of this name.
    package subscript(name: String) -> Self? {
        children.first { $0.name == name }
    }

    /// The element at the end of a path of names, each the first of its name.
    package func at(_ path: String...) -> Self? {
        var element = self
        for name in path {
            guard let child = element[name] else { return nil }
            element = child
        }
        return element
    }
}
