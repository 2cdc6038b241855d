import BursarFoundation
import SystemPackage

/// Which profiles are installed, as far as the names of their files tell.
enum InstalledProfiles {
    /// In order.
    static func names(_ context: CredsContext) -> [String] {
        guard let folder = try? context.profiles().folder else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        return names.filter { $0.hasSuffix(".json") }
            .map { String($0.dropLast(".json".count)) }
            .filter { (try? ProfileName(parsing: $0)) != nil }
            .sorted()
    }
}
