import BursarCore

/// The everyday run, `creds process [--profile NAME]` with a fresh session: no argument parser, no JSON library.
///
/// Those take longer than all the rest. Whatever isn't plain here goes the long way, which decides and explains.
struct CacheHit {
    private let name: ProfileName

    /// nil when the arguments say anything else.
    init?(_ arguments: [String]) {
        switch Array(arguments.dropFirst()) {
        case ["process"]: name = .standard
        case let words where words.count == 3 && words[0] == "process" && words[1] == "--profile":
            guard let name = try? ProfileName(parsing: words[2]) else { return nil }
            self.name = name
        default: return nil
        }
    }

    func output(_ context: Context) -> Secret<String>? {
        guard let id = try? context.profiles().cacheID(of: name), let cache = try? context.cache(id),
            let session = cache.read(), session.isFresh(at: context.now())
        else { return nil }
        return session.output
    }
}
