#if FUZZING
import AWSAuth
import AWSClients
import BursarFoundation

/// The entry point that libFuzzer's archive requires, whether its own `main` runs or this program's.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    parse(data, size)
}

func parse(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let kind = UntrustedInput(rawValue: ProcessInfo.processInfo.environment["FUZZ_KIND"] ?? "")
    _ = kind?.isAcceptedByClients(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
#endif
