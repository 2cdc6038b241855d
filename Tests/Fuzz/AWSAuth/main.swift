import AWSAuth
import AWSClients
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

#if DEBUG || FUZZING
/// Feeds the parser of AWSAuth and AWSClients that `FUZZ_KIND` names.
///
/// Built by Scripts/fuzz this is a libFuzzer program with its usual arguments. A debug build parses the files that it is
/// given and prints how many were accepted.
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
var accepted = 0
for path in CommandLine.arguments.dropFirst()
where kind.isAcceptedByClients(Array(try Data(contentsOf: URL(filePath: path)))) {
    accepted += 1
}
print("\(accepted) of \(CommandLine.arguments.count - 1) accepted")
#endif
#else
print("this program exists in debug builds and in those of Scripts/fuzz")
exit(64)
#endif
