package import BursarConsole
package import SystemPackage

/// The PEM files that TLS is served from.
package struct TLSFiles: Equatable, Sendable {
    package let certificate: FilePath
    package let key: FilePath

    package init(certificate: FilePath, key: FilePath) {
        self.certificate = certificate
        self.key = key
    }

    /// nil when neither is set; one without the other is refused.
    package init?(_ reader: SettingReader) throws(UserFacingError) {
        switch (try reader.path(.tlsCertificate), try reader.path(.tlsKey)) {
        case (nil, nil):
            return nil
        case (let certificate?, let key?):
            self.init(certificate: certificate, key: key)
        case (_?, nil):
            throw UserFacingError(
                "\(reader.name(of: .tlsCertificate)) is set without \(Setting.tlsKey.environmentName)"
            )
        case (nil, _?):
            throw UserFacingError(
                "\(reader.name(of: .tlsKey)) is set without \(Setting.tlsCertificate.environmentName)"
            )
        }
    }
}
