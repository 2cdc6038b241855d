import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import NIOSSL
import ServerSettings
import SystemPackage

/// A certificate and its key, as read from their files; both may be in one file.
struct CertificatePair {
    private static let sizeLimit = 256 << 10

    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    init(_ files: TLSFiles) throws(UserFacingError) {
        let certificates = try Self.certificateFile(files)
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificates.certificates), !chain.isEmpty else {
            throw UserFacingError(
                "\(files.certificate): not a certificate in PEM form",
                hint: Self.content(certificates)
            )
        }
        let keys = PEMFile(try Self.read(files.key, isSecret: true))
        guard let key = try? NIOSSLPrivateKey(bytes: keys.privateKey ?? [], format: .pem) else {
            throw UserFacingError(
                "\(files.key): not a private key in PEM form that can be served",
                hint: keys.hasLockedKey
                    ? "a key with a passphrase has to be decrypted first: openssl pkey -in FILE -out NEW"
                    : "RSA, EC (P-256, P-384, P-521) and Ed25519 can be; \(Self.content(keys))"
            )
        }
        self.chain = chain
        self.key = key
    }

    /// The certificate's expiry.
    var end: Date {
        Date(timeIntervalSince1970: TimeInterval(chain.first?.notValidAfter ?? 0))
    }

    /// The certificates of their file, without its other content.
    static func certificates(_ files: TLSFiles) throws(UserFacingError) -> [UInt8] {
        try certificateFile(files).certificates
    }

    /// The private key of its file, without its other content; empty if there is none.
    static func privateKey(_ files: TLSFiles) throws(UserFacingError) -> [UInt8] {
        PEMFile(try read(files.key, isSecret: true)).privateKey ?? []
    }

    /// Reads the certificate's file, under the rules for secrets if it holds the key too.
    private static func certificateFile(_ files: TLSFiles) throws(UserFacingError) -> PEMFile {
        let file = PEMFile(try read(files.certificate, isSecret: false))
        guard file.privateKey != nil else { return file }
        return PEMFile(try read(files.certificate, isSecret: true))
    }

    private static func content(_ file: PEMFile) -> String {
        let labels = file.blocks.map { ControlText.visible($0.label) }
        return labels.isEmpty ? "it holds nothing in PEM form" : "it holds: \(labels.joined(separator: ", "))"
    }

    /// Reads a file that is owned by root or this user and writable by its owner only; a key must not be readable by
    /// everyone.
    private static func read(_ path: FilePath, isSecret: Bool) throws(UserFacingError) -> [UInt8] {
        do {
            return try TrustedFile.read(path, limit: sizeLimit, isSecret: isSecret)
        } catch {
            let setting = isSecret ? Setting.tlsKey : .tlsCertificate
            let way = path.isAbsolute ? ": check the path" : ", from the working folder on: write the whole path"
            let missing = "\(setting.environmentName) names it\(way)"
            let usual = isSecret ? "chmod 600 it, owned by root or by this user" : "check its owner and its mode"
            throw UserFacingError("\(error)", hint: error.reason == .missing ? missing : usual)
        }
    }
}
