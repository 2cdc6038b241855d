import Console
import Files
import NIOSSL
import ServerSettings
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A certificate and its key as their files hold them now.
struct CertificatePair {
    private static let sizeLimit = 256 << 10

    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    init(_ files: TLSFiles) throws(Problem) {
        let certificate = try Self.read(files.certificate, isSecret: false)
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificate), !chain.isEmpty else {
            throw Problem("\(files.certificate): not a certificate in PEM form")
        }
        guard let key = try? NIOSSLPrivateKey(bytes: try Self.read(files.key, isSecret: true), format: .pem) else {
            _ = try Self.read(files.key, isSecret: true)
            throw Problem(
                "\(files.key): not a private key in PEM form",
                hint: "a key with a passphrase has to be decrypted first: openssl pkey -in FILE -out NEW"
            )
        }
        self.chain = chain
        self.key = key
    }

    /// When the certificate ends.
    var end: Date {
        Date(timeIntervalSince1970: TimeInterval(chain.first?.notValidAfter ?? 0))
    }

    /// A file as it may be used: of root or this user, changed by its owner only, a key not read by everybody.
    static func read(_ path: FilePath, isSecret: Bool) throws(Problem) -> [UInt8] {
        do {
            return try TrustedFile.read(path, limit: sizeLimit, isSecret: isSecret)
        } catch {
            let hint = isSecret ? "chmod 600 it, owned by root or by this user" : "check its owner and its mode"
            throw Problem("\(error)", hint: hint)
        }
    }
}
