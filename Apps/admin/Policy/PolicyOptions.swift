import BursarConsole
import BursarModel

/// What policies are made from, as it is typed.
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
