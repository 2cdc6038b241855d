#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The files and sockets that this program was started with, which a command in its place is to have too.
///
/// Others are not for it: libcurl (7.88, seen 2026-11) opens its sockets without close-on-exec.
struct InheritedDescriptors {
    private let open: Set<CInt>
    /// Ours get the lowest free numbers, so they are among these unless a parent left a thousand open.
    private static let looked: Range<CInt> = 3..<1024

    /// To be made before anything is asked of a server.
    init() {
        open = Set(Self.looked.filter { fcntl($0, F_GETFD) >= 0 })
    }

    /// Keeps every other one from the program that takes our place.
    func closeOthersOnExec() {
        for descriptor in Self.looked where !open.contains(descriptor) {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
    }
}
