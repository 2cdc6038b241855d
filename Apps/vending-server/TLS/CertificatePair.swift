import BursarCore
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

/// A certificate and its key as their files hold them now; both may be in one file.
struct CertificatePair {
    private static let sizeLimit = 256 << 10

    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    init(_ files: TLSFiles) throws(Problem) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(try Self.certificates(files)), !chain.isEmpty else {
            throw Problem("\(files.certificate): not a certificate in PEM form", hint: try Self.content(files))
        }
        let bytes = try Self.privateKey(files)
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
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

    /// The certificates of their file, and nothing else that is in it.
    static func certificates(_ files: TLSFiles) throws(Problem) -> [UInt8] {
        try certificateFile(files).certificates
    }

    /// The private key of its file, and nothing else that is in it; empty when there is none.
    static func privateKey(_ files: TLSFiles) throws(Problem) -> [UInt8] {
        PEMFile(try read(files.key, isSecret: true)).privateKey ?? []
    }

    /// A file with the key in it is as secret as the key's.
    private static func certificateFile(_ files: TLSFiles) throws(Problem) -> PEMFile {
        let file = PEMFile(try read(files.certificate, isSecret: false))
        guard file.privateKey != nil else { return file }
        return PEMFile(try read(files.certificate, isSecret: true))
    }

    private static func content(_ files: TLSFiles) throws(Problem) -> String {
        let labels = try certificateFile(files).blocks.map { ControlText.visible($0.label) }
        return labels.isEmpty
            ? "it has to begin with -----BEGIN CERTIFICATE-----" : "it holds: \(labels.joined(separator: ", "))"
    }

    /// A file as it may be used: of root or this user, changed by its owner only, a key not read by everybody.
    private static func read(_ path: FilePath, isSecret: Bool) throws(Problem) -> [UInt8] {
        do {
            return try TrustedFile.read(path, limit: sizeLimit, isSecret: isSecret)
        } catch {
            let hint = isSecret ? "chmod 600 it, owned by root or by this user" : "check its owner and its mode"
            throw Problem("\(error)", hint: hint)
        }
    }
}
