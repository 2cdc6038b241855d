import BursarConsole
package import BursarFoundation
import BursarInput
import BursarModel
import SystemPackage

/// Reads CloudTrail's files: as S3 stores them, compressed or not; as `aws cloudtrail lookup-events` prints them; and
/// folders of them.
///
/// A bucket also holds digests, Insights and empty placeholders. These are skipped and counted, unless a named file
/// holds nothing else. Damaged or truncated files are refused, since an audit without them would mislead.
package struct CloudTrailReader {
    /// The kinds of input that are skipped.
    enum Other: String, CaseIterable {
        case digest
        case insight
        case empty = "empty file"
        case document = "other document"
    }

    /// The limit of sessions held at once; with its record, each takes about a KiB.
    static let limit = 1_000_000

    package private(set) var events: [AssumeRoleEvent] = []
    /// The number of events without an access key, which can't be compared with anything.
    package private(set) var keyless = 0
    private var others: [Other: Int] = [:]

    package init() {}

    /// Reads a file, a folder of files, or standard input for `-`.
    ///
    /// - Throws: ``UserFacingError`` that names the file.
    package mutating func read(_ argument: String) throws {
        var isFolder = false
        if argument != "-" {
            isFolder = (try? FilePath(argument).stat().type) == .directory
        }
        guard isFolder else { return try readFile(argument, isNamed: true) }
        let names = try Self.names(in: argument)
        guard !names.isEmpty else {
            throw UserFacingError("there is no .json or .json.gz file in \(argument)", hint: Self.forms)
        }
        for name in names {
            // AppleDouble files, which macOS writes beside files on foreign disks.
            if name.split(separator: "/").last?.hasPrefix("._") == true {
                others[.document, default: 0] += 1
            } else {
                try readFile(argument + "/" + name, isNamed: false)
            }
        }
    }

    /// The skipped input, as `3 digests, 1 insight`; nil when there was none.
    package var passedOver: String? {
        let parts = Other.allCases.compactMap { other in
            others[other].map { $0 == 1 ? "1 \(other.rawValue)" : "\($0) \(other.rawValue)s" }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private mutating func readFile(_ argument: String, isNamed: Bool) throws {
        let source = ByteSource(argument)
        var elements = JSONElements(.cloudTrail)
        do {
            try source.read { bytes in
                try elements.append(bytes) { try take($0) }
            }
            guard !elements.isEmpty else {
                others[.empty, default: 0] += 1
                return
            }
            try elements.finish()
        } catch is DecodingError {
            throw UserFacingError("\(source.name) holds an event that is not CloudTrail's", hint: Self.forms)
        } catch is AssumeRoleEvent.ParseError {
            throw UserFacingError(
                "\(source.name) holds an AssumeRole event without its time or source",
                hint: Self.forms
            )
        } catch let fault as JSONElements.ParseError {
            switch fault {
            case .malformed: throw UserFacingError("\(source.name) is not JSON, or it is cut off", hint: Self.forms)
            case .tooLarge: throw UserFacingError("\(source.name) holds an event that is larger than CloudTrail writes")
            }
        }
        if isNamed, elements.lists == 0, elements.digests == 0 {
            throw UserFacingError("\(source.name) holds neither Records nor Events", hint: Self.forms)
        }
        if elements.digests > 0 { others[.digest, default: 0] += elements.digests }
        if elements.others > 0 { others[.document, default: 0] += elements.others }
    }

    private mutating func take(_ element: ArraySlice<UInt8>) throws {
        let event: AssumeRoleEvent?
        do {
            event = try AssumeRoleEvent(json: element)
        } catch AssumeRoleEvent.ParseError.keyless {
            keyless += 1
            return
        } catch AssumeRoleEvent.ParseError.insight {
            others[.insight, default: 0] += 1
            return
        }
        guard let event else { return }
        guard events.count < Self.limit else {
            throw UserFacingError("more than \(Self.limit) sessions", hint: "give the files of fewer days at once")
        }
        events.append(event)
    }

    private static let forms = "files of CloudTrail's bucket, or what `aws cloudtrail lookup-events` prints"

    /// Returns the JSON files below `folder`, compressed or not, in order.
    private static func names(in folder: String) throws -> [String] {
        do {
            return try FileManager.default.subpathsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".json") || $0.hasSuffix(".json.gz") }.sorted()
        } catch {
            throw UserFacingError("\(folder) can't be read")
        }
    }
}

/// A session that STS issued, as recorded by CloudTrail.
package struct AssumeRoleEvent: Equatable {
    package let date: Date
    package let accessKeyID: String
    package let roleARN: String
    package let sessionName: String
    /// The caller of AssumeRole, without its own session's name.
    package let caller: String

    enum ParseError: Error {
        /// Not an event of CloudTrail's.
        case malformed
        /// A granted request whose event lacks the access key.
        case keyless
        /// An Insights event, which CloudTrail derives from many calls.
        case insight
    }

    /// Returns nil for other events, and for requests that AWS denied.
    ///
    /// - Throws: ``ParseError`` when it is no event at all.
    init?(json bytes: ArraySlice<UInt8>) throws {
        guard bytes.firstRange(of: Self.name) != nil else { return nil }
        let decoder = JSONDecoder()
        var event = try decoder.decode(Event.self, from: Data(bytes))
        if let inner = event.cloudTrailEvent { event = try decoder.decode(Event.self, from: Data(inner.utf8)) }
        guard event.eventCategory != "Insight" else { throw ParseError.insight }
        guard let source = event.eventSource, let name = event.eventName else { throw ParseError.malformed }
        guard source == "sts.amazonaws.com", name == "AssumeRole", event.errorCode == nil else { return nil }
        guard let date = event.eventTime.flatMap({ Timestamp.date($0) }) else { throw ParseError.malformed }
        guard let accessKeyID = event.responseElements?.credentials?.accessKeyId,
            let roleARN = event.requestParameters?.roleArn,
            let sessionName = event.requestParameters?.roleSessionName
        else { throw ParseError.keyless }
        self.date = date
        self.accessKeyID = accessKeyID
        self.roleARN = roleARN
        self.sessionName = sessionName
        let issuer = event.userIdentity?.sessionContext?.sessionIssuer?.arn
        caller = issuer ?? event.userIdentity?.arn ?? event.userIdentity?.invokedBy ?? "unknown"
    }

    private static let name = Array("AssumeRole".utf8)

    /// The relevant fields of CloudTrail's record, in its spelling.
    ///
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    private struct Event: Decodable {
        let eventCategory: String?
        let eventSource: String?
        let eventName: String?
        let eventTime: String?
        let errorCode: String?
        let requestParameters: Parameters?
        let responseElements: Response?
        let userIdentity: Identity?
        /// The field in which `aws cloudtrail lookup-events` puts the whole event.
        let cloudTrailEvent: String?

        enum CodingKeys: String, CodingKey {
            case eventCategory, eventSource, eventName, eventTime, errorCode, requestParameters, responseElements,
                userIdentity
            case cloudTrailEvent = "CloudTrailEvent"
        }

        struct Parameters: Decodable {
            let roleArn: String?
            let roleSessionName: String?
        }

        struct Response: Decodable {
            let credentials: Credentials?
        }

        struct Credentials: Decodable {
            let accessKeyId: String?
        }

        struct Identity: Decodable {
            let arn: String?
            let invokedBy: String?
            let sessionContext: Context?
        }

        struct Context: Decodable {
            let sessionIssuer: Issuer?
        }

        struct Issuer: Decodable {
            let arn: String?
        }
    }
}
