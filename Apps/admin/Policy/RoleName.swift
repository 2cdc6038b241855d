import AWSAuth
import AWSClients
import BursarConsole
import BursarModel
import ServerSettings

/// A role or user as policies name it: `arn:PARTITION:iam::ACCOUNT:role/NAME`.
struct RoleName {
    let arn: String
    let partition: Partition
    let account: String

    /// The name without the path, for IAM's requests.
    var name: String { arn.split(separator: "/").last.map(String.init) ?? arn }

    /// - Throws: ``UserFacingError`` that names the option.
    init(_ arn: String, _ option: UserFacingError.Place, kinds: [String] = ["role"]) throws(UserFacingError) {
        let form = UserFacingError.value(
            of: option,
            "\"\(arn)\" is not the ARN of a \(kinds.joined(separator: " or "))",
            hint: "it looks like arn:aws:iam::123456789012:role/NAME"
        )
        guard let parts = try ARN.reading(arn, option) else { throw form }
        if parts.service == "sts", parts.kind == "assumed-role" {
            let name = parts.name.split(separator: "/").first ?? "NAME"
            throw UserFacingError.value(
                of: option,
                "is a session of a role; policies name the role itself",
                hint: "arn:\(parts.partition.rawValue):iam::\(parts.account):role/\(name), with its path if it has one"
            )
        }
        guard parts.service == "iam", parts.region.isEmpty, AccountID.isValid(parts.account),
            kinds.contains(parts.kind), !parts.name.isEmpty, arn.utf8.count <= 2048,
            parts.resource.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@-/".utf8.contains($0) })
        else { throw form }
        self.arn = arn
        partition = parts.partition
        account = parts.account
    }
}

extension ARN {
    /// Parses the value of `option`; nil for text of another form.
    ///
    /// - Throws: ``UserFacingError`` for a partition that is not supported, by its name.
    static func reading(_ text: String, _ option: UserFacingError.Place) throws(UserFacingError) -> ARN? {
        do {
            return try ARN(text)
        } catch {
            throw UserFacingError(error, in: option)
        }
    }
}

extension Partition {
    /// Parses the name of a partition, the value of `option`.
    static func reading(_ name: String, _ option: UserFacingError.Place) throws(UserFacingError) -> Partition {
        do {
            return try Partition(named: name)
        } catch {
            throw UserFacingError(error, in: option)
        }
    }

    /// Returns the partition of a region, the value of `option`.
    static func reading(region: String, _ option: UserFacingError.Place?) throws(UserFacingError) -> Partition {
        do {
            return try Partition(region: region)
        } catch {
            throw UserFacingError(error, in: option)
        }
    }
}

/// An AWS account's number.
enum AccountID {
    static func isValid(_ text: String) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.utf8.count == 12 && text.utf8.allSatisfy { digits.contains($0) }
    }
}

/// Parsers for options of policies.
enum PolicyOptions {
    static func addresses(_ typed: [String], _ option: UserFacingError.Place = .option("--ip")) throws(UserFacingError)
        -> AddressList
    {
        do throws(AddressList.ParseError) {
            return try AddressList(parsing: typed.joined(separator: ","))
        } catch {
            switch error {
            case .malformed(let entry):
                throw UserFacingError.value(
                    of: option,
                    "\"\(entry)\" \(AddressList.flaw(of: entry))",
                    hint: "write it as 192.0.2.0/24"
                )
            case .empty: throw UserFacingError.value(of: option, "names no address")
            case .tooLong: throw UserFacingError.value(of: option, "names more than \(AddressList.longest) blocks")
            }
        }
    }
}
