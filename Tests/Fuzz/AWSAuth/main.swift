import AWSAuth
import BursarFoundation

#if FUZZING
import CFuzzer
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Feeds one of AWSAuth's parsers: `FUZZ_KIND` names it.
///
/// Built by Scripts/fuzz this is a libFuzzer program with its usual arguments. Built as usual it parses the files it is
/// given and says how many were taken.
guard let name = ProcessInfo.processInfo.environment["FUZZ_KIND"], let kind = UntrustedInput(rawValue: name) else {
    let kinds = UntrustedInput.allCases.map(\.rawValue).joined(separator: ", ")
    print("set FUZZ_KIND to one of \(kinds)")
    exit(64)
}

#if FUZZING
nonisolated(unsafe) var count = CommandLine.argc
nonisolated(unsafe) var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments) { parse($0, $1) })
#else
var taken = 0
for path in CommandLine.arguments.dropFirst() where kind.isTaken(Array(try Data(contentsOf: URL(filePath: path)))) {
    taken += 1
}
print("\(taken) of \(CommandLine.arguments.count - 1) taken")
#endif
