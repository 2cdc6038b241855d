import AWSAuth
import ArgumentParser
import BursarConsole

/// The name of a region: `us-east-1`.
struct AWSRegion: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// - Throws: `PartitionError` for the name of no region, and for a region of an isolated partition.
    init(_ text: String) throws(PartitionError) {
        _ = try Partition(region: text)
        description = text
    }

    /// The error message for an invalid region, naming the environment variable that set it, if any.
    static func problem(_ text: String, _ environment: [String: String]) -> String {
        let variable = RegionSetting.variables.first { environment[$0] == text }
        let shown = text.count > 40 ? text.prefix(39) + "…" : text[...]
        return "\(variable ?? "the region that is set") is not the name of a region: \"\(shown)\""
    }

    /// Parses an option's value.
    static func parse(_ text: String) throws -> AWSRegion {
        do {
            return try AWSRegion(text)
        } catch PartitionError.unknownRegion {
            throw ValidationError("a region is like us-east-1")
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// Parses the region that a variable or a profile sets; `hint` says how to give another.
    static func reading(
        _ text: String,
        _ environment: [String: String],
        hint: String
    ) throws(UserFacingError) -> AWSRegion {
        do {
            return try AWSRegion(text)
        } catch .unknownRegion {
            throw UserFacingError(problem(text, environment), hint: hint)
        } catch {
            throw UserFacingError(error.description, hint: error.hint)
        }
    }
}
