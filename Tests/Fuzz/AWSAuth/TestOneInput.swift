#if FUZZING
import AWSAuth
import BursarFoundation

/// libFuzzer's archive wants this name, whether its own `main` runs or ours.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    parse(data, size)
}

func parse(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let kind = UntrustedInput(rawValue: ProcessInfo.processInfo.environment["FUZZ_KIND"] ?? "")
    _ = kind?.isTaken(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
#endif
